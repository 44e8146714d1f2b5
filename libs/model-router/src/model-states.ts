import type { ModelSpec } from './catalog';
import { candidateOf, type Circumstances, obstacleTo } from './eligibility';
import type { ProviderHealth } from './router-state';

/** A model of the catalog, and whether it is asked at all. */
export interface ModelState {
  readonly model: ModelSpec;
  /** Why no request gets to it now, by the names of the skip reasons; undefined when it may answer. */
  readonly skipped: 'disabled' | 'no_adapter' | 'health_down' | undefined;
  /** False: the catalog switches it, or its provider, off. Nobody else can enable it. */
  readonly inUse: boolean;
  /** Of its provider; undefined when nothing is known. */
  readonly health: ProviderHealth | undefined;
}

/** Each model of the catalog as it stands for a request that wants nothing in particular. */
export function modelStates(at: Circumstances): readonly ModelState[] {
  return at.catalog.models.map((model) => {
    const { health, needsTrial } = candidateOf(model, at);
    const isDown = health?.state === 'down' && !needsTrial;
    const provider = at.catalog.providers.find(({ id }) => id === model.providerId);
    return {
      model,
      skipped: obstacleTo(model, at) ?? (isDown ? 'health_down' : undefined),
      inUse: model.enabled && provider?.enabled === true,
      health,
    };
  });
}
