import type { Catalog, ProviderSpec } from '../catalog';
import type { ProviderAdapter } from '../provider';
import { createOpenAiAdapter } from './openai';
import { createVllmAdapter } from './vllm';

const CREATE: Readonly<Partial<Record<ProviderSpec['kind'], (spec: ProviderSpec) => ProviderAdapter>>> = {
  openai: createOpenAiAdapter,
  vllm: createVllmAdapter,
};

/**
 * An adapter for each provider that is enabled, by its id. Nothing is connected or loaded until one is called.
 *
 * @throws FleetError `invalid_input` for a vLLM provider without a base URL
 */
export function createAdapters({ providers }: Catalog): ReadonlyMap<string, ProviderAdapter> {
  const adapters = providers
    .filter((spec) => spec.enabled)
    .flatMap((spec): [string, ProviderAdapter][] => {
      const adapter = CREATE[spec.kind]?.(spec);
      return adapter ? [[spec.id, adapter]] : [];
    });
  return new Map(adapters);
}
