import type { ChatAttempt, ChatAttemptResult, RankedModels, RankModelsInput } from '@fleet/workflow-registry/messages';
import { choose, type Chooser } from './choose';
import { type Circumstances, eligibility } from './eligibility';
import { resolveHint } from './hint';
import { modelStates } from './model-states';
import { type RouterOptions, type RouterParts, withDefaults } from './options';
import { answerCheck } from './output-schema';
import type { Router } from './router';
import { routeStream } from './route-stream';
import { runAttempt } from './run-attempt';
import { rankByScore } from './scoring';
import { createThompsonSampler } from './thompson';
import { estimateInputTokens } from './tokens';

/**
 * A router over these providers. It keeps nothing that another process would have to know: that is in the state.
 *
 * The default exploration takes the best model 96 times of 100 (softmax over the rank, temperature 0.3).
 */
export function createRouter(options: RouterOptions): Router {
  const parts = withDefaults(options);
  const sampler = createThompsonSampler(parts.random);
  const chooserFor = async (attempt: ChatAttempt): Promise<Chooser> => {
    const hint = resolveHint(parts.catalog, attempt.request.modelHint);
    return { parts, sampler, hint, attempt, at: await circumstances(parts, attempt) };
  };
  return {
    catalog: parts.catalog,
    attempt: async (attempt, { signal }): Promise<ChatAttemptResult> => {
      signal.throwIfAborted();
      const chooser = await chooserFor(attempt);
      const schema = attempt.request.outputSchema;
      return runAttempt(chooser, attempt, await choose(chooser), schema && answerCheck(schema), signal);
    },
    stream: (attempt, { signal }) => routeStream(attempt, parts, chooserFor, signal),
    rank: (input) => rank(parts, input),
    models: async () => modelStates(await circumstances(parts, ANYTHING)),
  };
}

/** A request that wants nothing in particular. */
const ANYTHING: Pick<ChatAttempt, 'request' | 'policy' | 'narrowing'> = {
  request: { messages: [] },
  policy: {},
  narrowing: { excludeModels: [] },
};

async function circumstances(
  parts: RouterParts,
  { request, policy, narrowing }: Pick<ChatAttempt, 'request' | 'policy' | 'narrowing'>,
): Promise<Circumstances> {
  const { catalog, adapters, state, now } = parts;
  const inputTokens = estimateInputTokens(request);
  const snapshot = await state.snapshot();
  return { catalog, adapters: new Set(adapters.keys()), snapshot, policy, narrowing, inputTokens, now: now() };
}

/** Without chance, trials or turns: nothing is asked. A model that the hint names comes first. */
async function rank(parts: RouterParts, { request, policy, excludeModels }: RankModelsInput): Promise<RankedModels> {
  const hint = resolveHint(parts.catalog, request.modelHint);
  const { eligible, skips } = eligibility(
    await circumstances(parts, { request, policy, narrowing: { excludeModels } }),
  );
  const boosted = hint.kind === 'family' ? hint.modelIds : undefined;
  const ranked = rankByScore(eligible, policy.mode ?? 'normal', boosted).map(({ model }) => model.id);
  const named = new Set(
    hint.kind === 'model' ? [hint.modelId] : hint.kind === 'alias' ? hint.alias.variants.map((one) => one.modelId) : [],
  );
  const modelIds = [...ranked.filter((id) => named.has(id)), ...ranked.filter((id) => !named.has(id))];
  return { modelIds, skips };
}
