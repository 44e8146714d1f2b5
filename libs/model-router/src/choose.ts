import type { ChatAttempt, ChatDecision, ChatSkips } from '@fleet/workflow-registry/messages';
import { pickVariant } from './alias';
import type { AliasSpec } from './catalog';
import { type Candidate, type Circumstances, candidateOf, eligibility, obstacleTo } from './eligibility';
import { type Hint, unknownModel } from './hint';
import type { RouterParts } from './options';
import { explore, rankByScore, type Scored } from './scoring';
import type { ThompsonSampler } from './thompson';

/** What a choice is made with. */
export interface Chooser {
  readonly parts: RouterParts;
  readonly sampler: ThompsonSampler;
  readonly hint: Hint;
  readonly attempt: Pick<ChatAttempt, 'requestId' | 'apiKeyId' | 'policy' | 'narrowing'>;
  readonly at: Circumstances;
}

/** A model that was chosen. */
export interface Choice {
  readonly candidate: Candidate;
  readonly decision: ChatDecision;
  /** Others that may be asked beside it, the best first; empty when the model was not a matter of choice. */
  readonly others: readonly Candidate[];
}

/** A choice, or none, with the models that were not considered. */
export interface Chosen {
  readonly choice: Choice | undefined;
  readonly skips: ChatSkips;
}

type Picked = Pick<Choice, 'candidate' | 'others'> & { readonly reason: string };

/** How many models take turns behind `*`. */
const POOL_SIZE = 3;

/**
 * Chooses a model: what the attempt before pinned, then the hint, then the scores. A provider whose cooldown is over is
 * only asked by whoever claims the trial; everybody else chooses again without it.
 *
 * @throws FleetError `unknown_model` for a pinned model that there is not
 */
export async function choose(chooser: Chooser): Promise<Chosen> {
  const { at, parts } = chooser;
  const pinned = choosePinned(chooser);
  if (pinned) return pinned;
  const { eligible, skips } = eligibility(at);
  let left = eligible;
  let refused = 0;
  while (left.length > 0) {
    const picked = await pick(chooser, left);
    if (!picked) break;
    const { providerId } = picked.candidate.model;
    const isOurs =
      !picked.candidate.needsTrial || at.narrowing.lastResort || (await parts.state.claimTrial(providerId));
    if (isOurs) return { choice: complete(chooser, picked), skips: withRefused(skips, refused) };
    const others = left.filter(({ model }) => model.providerId !== providerId);
    refused += left.length - others.length;
    left = others;
  }
  return rescue(chooser, withRefused(skips, refused));
}

/**
 * Health is a guess, and an answer is worth more than a guess: when it alone stands between a first attempt and all models,
 * they are asked all the same. What the caller bound (budget, weight) stays.
 */
function rescue(chooser: Chooser, skips: ChatSkips): Chosen {
  const { at, attempt } = chooser;
  const healthy = new Map([...at.snapshot.health].filter(([, { state }]) => state !== 'down'));
  const trusting = { ...at, snapshot: { ...at.snapshot, health: healthy } };
  const [best] = rankByScore(eligibility(trusting).eligible, attempt.policy.mode ?? 'normal');
  if (!best) return { choice: undefined, skips };
  return { choice: complete(chooser, { candidate: best, others: [], reason: 'last-resort' }), skips };
}

/** Whoever pins a first attempt wants that model or none; after a failure it was our own plan, and there may be others. */
function choosePinned(chooser: Chooser): Chosen | undefined {
  const { at } = chooser;
  const { pinnedModel, after } = at.narrowing;
  if (pinnedModel === undefined) return undefined;
  const model = at.catalog.models.find(({ id }) => id === pinnedModel);
  if (!model) throw unknownModel(at.catalog, pinnedModel);
  const obstacle = obstacleTo(model, at);
  if (obstacle) return after === undefined ? { choice: undefined, skips: { [obstacle]: 1 } } : undefined;
  return { choice: complete(chooser, { candidate: candidateOf(model, at), others: [], reason: 'pinned' }), skips: {} };
}

async function pick(chooser: Chooser, eligible: readonly Candidate[]): Promise<Picked | undefined> {
  const { hint, attempt } = chooser;
  const ranked = rankByScore(eligible, attempt.policy.mode ?? 'normal', boostedBy(hint));
  if (attempt.narrowing.lastResort) return only(ranked[0], 'last-resort');
  const hinted = await pickHinted(chooser, ranked);
  return hinted ?? pickScored(chooser, ranked);
}

async function pickHinted({ hint, attempt, parts }: Chooser, ranked: readonly Scored[]): Promise<Picked | undefined> {
  const byId = (id: string | undefined): Scored | undefined => ranked.find(({ model }) => model.id === id);
  const nextTurn = (name: string): Promise<number> => parts.state.nextTurn(name);
  if (hint.kind === 'model') return only(byId(hint.modelId), 'hint-exact');
  if (hint.kind === 'alias') {
    const variants = hint.alias.variants.filter(({ modelId }) => byId(modelId));
    return only(byId(await pickVariant(hint.alias, variants, { ...attempt, nextTurn })), 'alias');
  }
  if (hint.kind !== 'wildcard') return undefined;
  const pool = diversityPool(ranked);
  return only(pool[(await nextTurn('*')) % Math.max(1, pool.length)], 'wildcard');
}

function pickScored(chooser: Chooser, ranked: readonly Scored[]): Picked | undefined {
  const { parts, at, hint, attempt, sampler } = chooser;
  const candidate =
    parts.exploration === 'thompson'
      ? sampler.pick(ranked, at.snapshot.arms, at.inputTokens, at.now)
      : explore(ranked, parts.temperature, parts.random);
  if (!candidate) return undefined;
  const isBoosted = boostedBy(hint).has(candidate.model.id);
  const others = ranked.filter((one) => one !== candidate && !one.needsTrial);
  return { candidate, others, reason: isBoosted ? 'hint-boost' : (attempt.policy.mode ?? 'normal') };
}

/** Up to three models of as many providers as there are, the heaviest first: they take turns, so their order is fixed. */
function diversityPool(ranked: readonly Scored[]): readonly Scored[] {
  const byWeight = ranked.toSorted((a, b) => b.model.weight - a.model.weight || (a.model.id < b.model.id ? -1 : 1));
  return spread(byWeight).slice(0, POOL_SIZE);
}

/** The first model of each provider, then the others. */
export function spread<T extends Candidate>(candidates: readonly T[]): readonly T[] {
  const first = candidates.filter(
    (one, index) => candidates.findIndex(({ model }) => model.providerId === one.model.providerId) === index,
  );
  return [...new Set([...first, ...candidates])];
}

function boostedBy(hint: Hint): ReadonlySet<string> {
  return hint.kind === 'family' ? hint.modelIds : new Set();
}

function only(candidate: Candidate | undefined, reason: string): Picked | undefined {
  return candidate && { candidate, others: [], reason };
}

function complete({ hint, attempt }: Chooser, { candidate, others, reason }: Picked): Choice {
  const { model, estimatedCostUsd } = candidate;
  const { after } = attempt.narrowing;
  const alias: AliasSpec | undefined = hint.kind === 'alias' ? hint.alias : undefined;
  const decision: ChatDecision = {
    modelId: model.id,
    providerId: model.providerId,
    estimatedCostUsd,
    reason: reasonOf(reason, after),
    ...(alias && { aliasFrom: alias.name }),
  };
  return { candidate, decision, others };
}

/** `routed-…` for what was chosen first, `escalated-…` for what came after a failure. */
function reasonOf(reason: string, after: string | undefined): string {
  if (reason === 'last-resort') return reason;
  return after === undefined ? `routed-${reason}` : `escalated-${after}`;
}

function withRefused(skips: ChatSkips, refused: number): ChatSkips {
  return refused === 0 ? skips : { ...skips, health_down: (skips.health_down ?? 0) + refused };
}
