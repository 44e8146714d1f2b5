import type { ProviderHealth, RewardArm, RouterSnapshot, RouterState } from '@fleet/model-router';
import type { ChatLog, ProviderHealthRow, Routing } from '@fleet/store';

/** How old a snapshot may be, milliseconds. */
const FRESH_MS = 1_000;
/** How long a chat waits for Postgres to say how the providers are, milliseconds. */
const PATIENCE_MS = 500;
/** How old the rewards may be, milliseconds, and how far back they count. */
const ARMS_FRESH_MS = 5 * 60_000;
const ARMS_SINCE_MS = 7 * 86_400_000;

const NOTHING: RouterSnapshot = { health: new Map(), disabledModels: new Map(), arms: [] };

/** What the state stands on. */
export interface RouterStateOptions {
  readonly routing: Routing;
  readonly chatLog: Pick<ChatLog, 'arms'>;
}

/**
 * The state that routers share, in Postgres. One query serves all chats of a second; what is told is written behind the
 * chat's back. A Postgres that is away or slow leaves routers with what they knew last.
 */
export function routerStateOver({ routing, chatLog }: RouterStateOptions): RouterState {
  let known = NOTHING;
  let readAt = -Infinity;
  let reading: Promise<RouterSnapshot> | undefined;
  let arms: readonly RewardArm[] = [];
  let armsAt = -Infinity;
  let turns = 0;

  async function read(): Promise<RouterSnapshot> {
    try {
      if (performance.now() - armsAt > ARMS_FRESH_MS) {
        arms = await chatLog.arms(new Date(Date.now() - ARMS_SINCE_MS));
        armsAt = performance.now();
      }
      const { health, disabled } = await routing.snapshot();
      const disabledModels = new Map(disabled.map(({ modelId, reason }) => [modelId, reason]));
      known = { health: new Map(health.map((row) => [row.providerId, healthOf(row)])), disabledModels, arms };
    } catch {
      // What was known last serves until Postgres answers again.
    }
    readAt = performance.now();
    return known;
  }

  async function snapshot(): Promise<RouterSnapshot> {
    if (performance.now() - readAt < FRESH_MS) return known;
    reading ??= read().finally(() => (reading = undefined));
    return within(reading, () => known);
  }

  return {
    snapshot,
    async succeeded(providerId, _modelId, latencyMs) {
      unheard(routing.succeeded(providerId, latencyMs));
    },
    async failed(providerId) {
      unheard(routing.failed(providerId));
    },
    async disableModel(modelId, reason) {
      // The next attempt, a moment from now, must not ask it again.
      known = { ...known, disabledModels: new Map([...known.disabledModels, [modelId, reason]]) };
      await within(
        routing.disableModel(modelId, reason).then(() => undefined),
        () => undefined,
      );
    },
    claimTrial: (providerId) => within(routing.claimTrial(providerId), () => false),
    nextTurn: (name) => within(routing.nextTurn(name), () => turns++),
  };
}

function healthOf({ cooldownMs, latencyMs, ...row }: ProviderHealthRow): ProviderHealth {
  const { state, consecutiveErrors, failureRatio } = row;
  const cooldownUntil = cooldownMs > 0 ? Date.now() + cooldownMs : 0;
  return { state, consecutiveErrors, failureRatio, cooldownUntil, latencyMs: latencyMs ?? undefined };
}

function unheard(writing: Promise<unknown>): void {
  writing.catch(() => undefined);
}

/** The answer, or the other one when it fails or takes long: a chat is never failed by what routers know. */
async function within<T>(asked: Promise<T>, otherwise: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise()), PATIENCE_MS);
  });
  try {
    return await Promise.race([asked, late]);
  } catch {
    return otherwise();
  } finally {
    clearTimeout(timer);
  }
}
