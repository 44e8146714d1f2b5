import type { ChatNarrowing, ChatPolicy, ChatSkipReason, ChatSkips } from '@fleet/workflow-registry/messages';
import type { Catalog, ModelSpec } from './catalog';
import type { ProviderHealth, RouterSnapshot } from './router-state';
import { estimateCost } from './tokens';

/** Tokens are estimated: a window must hold 15 % more than the estimate. */
const HEADROOM = 1.15;

/** A model that may answer. */
export interface Candidate {
  readonly model: ModelSpec;
  readonly estimatedCostUsd: number;
  /** Of its provider; undefined when nothing is known. */
  readonly health: ProviderHealth | undefined;
  /** The provider is down and its cooldown is over: whoever asks it must claim the trial first. */
  readonly needsTrial: boolean;
}

/** What eligibility depends on. */
export interface Circumstances {
  readonly catalog: Catalog;
  /** Ids of the providers that have an adapter. */
  readonly adapters: ReadonlySet<string>;
  readonly snapshot: RouterSnapshot;
  readonly policy: ChatPolicy;
  readonly narrowing: ChatNarrowing;
  readonly inputTokens: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The models of the catalog, sorted by whether they may answer. */
export interface Eligibility {
  readonly eligible: readonly Candidate[];
  /** How many may not, by the first reason that applies. Excluded models and waiting providers are not counted. */
  readonly skips: ChatSkips;
}

/** Looks at each model of the catalog. The reasons are looked for in the order of {@link ChatSkipReason}'s six. */
export function eligibility(at: Circumstances): Eligibility {
  const eligible: Candidate[] = [];
  const skips: Partial<Record<ChatSkipReason, number>> = {};
  for (const model of at.catalog.models) {
    if (isSetAside(model, at)) continue;
    const candidate = candidateOf(model, at);
    const reason = skipReason(candidate, at);
    if (reason === undefined) eligible.push(candidate);
    else skips[reason] = (skips[reason] ?? 0) + 1;
  }
  return { eligible, skips };
}

/** Why a model cannot be asked at all, whatever is wanted; undefined when it can. */
export function obstacleTo(model: ModelSpec, at: Circumstances): 'disabled' | 'no_adapter' | undefined {
  if (!isEnabled(model, at)) return 'disabled';
  return at.adapters.has(model.providerId) ? undefined : 'no_adapter';
}

/** A model with what is known of it. */
export function candidateOf(model: ModelSpec, at: Circumstances): Candidate {
  const health = at.snapshot.health.get(model.providerId);
  const needsTrial = health?.state === 'down' && health.cooldownUntil <= at.now;
  return { model, estimatedCostUsd: estimateCost(model, at.inputTokens, at.policy), health, needsTrial };
}

function skipReason(candidate: Candidate, at: Circumstances): ChatSkipReason | undefined {
  const { model, health, needsTrial, estimatedCostUsd } = candidate;
  const bound = !at.narrowing.lastResort;
  if (!isEnabled(model, at)) return 'disabled';
  if (bound && model.weight < (at.policy.minWeight ?? 0)) return 'weight_below_minimum';
  if (at.inputTokens * HEADROOM > model.contextTokens) return 'context_overflow';
  if (!at.adapters.has(model.providerId)) return 'no_adapter';
  if (bound && health?.state === 'down' && !needsTrial) return 'health_down';
  const budget = at.policy.maxBudgetUsd ?? 0;
  if (bound && budget > 0 && estimatedCostUsd > budget) return 'budget_exceeded';
  return undefined;
}

function isEnabled(model: ModelSpec, { catalog, snapshot }: Circumstances): boolean {
  const provider = catalog.providers.find(({ id }) => id === model.providerId);
  return model.enabled && provider?.enabled === true && !snapshot.disabledModels.has(model.id);
}

function isSetAside({ id, providerId }: ModelSpec, { narrowing, now }: Circumstances): boolean {
  const waits = narrowing.waits?.some((wait) => wait.providerId === providerId && wait.until > now) ?? false;
  return waits || narrowing.excludeModels.includes(id);
}
