import type { ChatAttempt, ChatNarrowing, ChatPolicy } from '@fleet/workflow-registry/messages';
import type { Catalog, ModelSpec } from './catalog';
import type { Circumstances } from './eligibility';
import type { ProviderHealth, RouterSnapshot } from './router-state';

const model = (id: string, providerId: string, weight: number, contextTokens: number, price: number): ModelSpec => ({
  id,
  providerId,
  weight,
  contextTokens,
  inputPer1k: price,
  outputPer1k: 2 * price,
  enabled: true,
});

/** Two providers; cheap and small, dear and large, and one between. */
export const CATALOG: Catalog = {
  providers: [
    { id: 'north', kind: 'openai', baseUrls: [], enabled: true },
    { id: 'south', kind: 'openai', baseUrls: [], enabled: true },
  ],
  models: [
    model('north-small', 'north', 3, 8000, 0.001),
    model('north-large', 'north', 9, 128_000, 0.01),
    model('south-middle', 'south', 6, 32_000, 0.004),
  ],
  aliases: [
    {
      name: 'blind',
      stickyBy: 'api_key',
      variants: [
        { modelId: 'north-small', weight: 1 },
        { modelId: 'south-middle', weight: 3 },
      ],
    },
  ],
};

/** Health of a provider that answers, with these differences. */
export function healthOf(changes: Partial<ProviderHealth> = {}): ProviderHealth {
  const healthy = {
    state: 'healthy',
    consecutiveErrors: 0,
    cooldownUntil: 0,
    latencyMs: 100,
    failureRatio: 0,
  } as const;
  return { ...healthy, ...changes };
}

/** Nothing is known of anything. */
export const BLANK: RouterSnapshot = { health: new Map(), disabledModels: new Map(), arms: [] };

/** 100 input tokens at time 1,000, with these differences. */
export function circumstances(
  changes: Partial<Omit<Circumstances, 'narrowing'>> & {
    readonly policy?: ChatPolicy;
    readonly narrowing?: Partial<ChatNarrowing>;
  } = {},
): Circumstances {
  return {
    catalog: CATALOG,
    adapters: new Set(['north', 'south']),
    snapshot: BLANK,
    policy: {},
    inputTokens: 100,
    now: 1000,
    ...changes,
    narrowing: { excludeModels: [], ...changes.narrowing },
  };
}

/** A first attempt with a minute of time, with these differences. */
export function attemptOf(changes: Partial<ChatAttempt> = {}): ChatAttempt {
  return {
    requestId: 'request-1',
    step: 1,
    request: { messages: [{ role: 'user', content: 'Hello' }] },
    policy: {},
    narrowing: { excludeModels: [] },
    deadline: Date.now() + 60_000,
    ...changes,
  };
}
