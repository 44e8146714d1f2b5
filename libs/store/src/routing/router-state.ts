import { setTimeout as delay } from 'node:timers/promises';
import type { ChatLog, RewardArmRow } from '../chat-log/chat-log';
import { OwnDisabled } from './own-disabled';
import type { ProviderHealthRow, Routing } from './routing';

/** Milliseconds for which what was read is handed out again. */
const SNAPSHOT_MS = 1_000;
/** Milliseconds for which reward arms are: they are sums over all samples of a week. */
const ARMS_MS = 300_000;
const ARMS_WINDOW_MS = 7 * 86_400_000;
/** Milliseconds a chat waits for a new snapshot before it takes the last one. */
const PATIENCE_MS = 500;
/** Milliseconds by which the success of a provider is written later than it is told. */
const BEHIND_ANSWER_MS = 1;
/** Milliseconds until what could not be read is asked for again. */
const RETRY_MS = 1_000;

/** What is known of a provider, by the clock of this process. */
export interface SharedHealth {
  readonly state: ProviderHealthRow['state'];
  readonly consecutiveErrors: number;
  /** Epoch milliseconds until which a provider that is down is left alone. */
  readonly cooldownUntil: number;
  /** Moving average, milliseconds. */
  readonly latencyMs: number | undefined;
  /** Moving average, 0 to 1. */
  readonly failureRatio: number;
}

/** What all processes know together, at one moment. */
export interface SharedSnapshot {
  readonly health: ReadonlyMap<string, SharedHealth>;
  /** Reasons by model. */
  readonly disabledModels: ReadonlyMap<string, string>;
  readonly arms: readonly RewardArmRow[];
}

/**
 * The state of a router as all processes share it: libs/model-router calls it RouterState. Nothing here throws: when
 * Postgres cannot be reached a chat goes on with what was known last, and what it would have added is lost.
 */
export interface SharedRouterState {
  /** At most a second old; the last one, or an empty one, when there is no newer within 0.5 s. */
  snapshot(): Promise<SharedSnapshot>;
  succeeded(providerId: string, modelId: string, latencyMs: number): Promise<void>;
  failed(providerId: string, modelId: string): Promise<void>;
  /** From the call on this process knows it, whether or not it could be written; the others within a second of the write. */
  disableModel(modelId: string, reason: string): Promise<void>;
  /** What was read is too old from now on, and what was not written is forgotten: somebody has changed what is stored. */
  refresh(): void;
  /** False as well when it could not be claimed. */
  claimTrial(providerId: string): Promise<boolean>;
  /** Without Postgres the process takes turns by itself. */
  nextTurn(name: string): Promise<number>;
}

/** Options of `sharedRouterState`. */
export interface SharedRouterStateOptions {
  readonly store: { readonly routing: Routing; readonly chatLog: Pick<ChatLog, 'arms'> };
  /** Told what went wrong. Default: nobody. */
  readonly onError?: (error: unknown) => void;
}

/** The state over a store. Make one for each process: it remembers what it read. */
export function sharedRouterState({ store, onError = () => undefined }: SharedRouterStateOptions): SharedRouterState {
  const { routing } = store;
  const own = new OwnDisabled();
  const arms = remembered<readonly RewardArmRow[]>(ARMS_MS, [], onError, () =>
    store.chatLog.arms(new Date(Date.now() - ARMS_WINDOW_MS)),
  );
  const known = remembered<Omit<SharedSnapshot, 'arms'>>(
    SNAPSHOT_MS,
    { health: new Map(), disabledModels: new Map() },
    onError,
    async () => {
      const read = own.reading();
      const shared = await readShared(routing);
      read();
      return shared;
    },
  );
  const turns = new Map<string, number>();
  const attempt = async <T>(work: Promise<T>, otherwise: () => T): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      onError(error);
      return otherwise();
    }
  };
  return {
    async snapshot() {
      const [{ health, disabledModels }, rewards] = await Promise.all([known.get(), arms.get()]);
      return { health, disabledModels: own.with(disabledModels), arms: rewards };
    },
    async succeeded(providerId, _modelId, latencyMs) {
      // The answer is stored first: that somebody waits for, this nobody.
      await delay(BEHIND_ANSWER_MS);
      await attempt(routing.succeeded(providerId, latencyMs), () => undefined);
    },
    failed: (providerId) => attempt(routing.failed(providerId), () => undefined),
    async disableModel(modelId, reason) {
      own.add(modelId, reason);
      const write = async (): Promise<void> => {
        await routing.disableModel(modelId, reason);
        own.written(modelId);
        known.expire();
      };
      await attempt(write(), () => undefined);
    },
    refresh() {
      own.clear();
      known.expire();
    },
    claimTrial: (providerId) => attempt(routing.claimTrial(providerId), () => false),
    async nextTurn(name) {
      const taken = await attempt<number | undefined>(routing.nextTurn(name), () => undefined);
      const turn = taken ?? (turns.get(name) ?? -1) + 1;
      turns.set(name, turn);
      return turn;
    },
  };
}

async function readShared(routing: Routing): Promise<Omit<SharedSnapshot, 'arms'>> {
  const { health, disabled } = await routing.snapshot();
  const now = Date.now();
  return {
    health: new Map(
      health.map(({ providerId, state, consecutiveErrors, cooldownMs, latencyMs, failureRatio }) => [
        providerId,
        // Told in milliseconds left, so that it does not matter how far the two clocks are apart.
        {
          state,
          consecutiveErrors,
          cooldownUntil: cooldownMs && now + cooldownMs,
          latencyMs: latencyMs ?? undefined,
          failureRatio,
        },
      ]),
    ),
    disabledModels: new Map(disabled.map(({ modelId, reason }) => [modelId, reason])),
  };
}

/** What is read now and then. */
interface Remembered<T> {
  /** What was read last, or the empty value. Reads once for all who ask at once; whoever asks waits a moment at most. */
  get(): Promise<T>;
  /** What was read, and what is being read, counts no more: the next caller reads again. */
  expire(): void;
}

function remembered<T>(
  freshMs: number,
  empty: T,
  onError: (error: unknown) => void,
  read: () => Promise<T>,
): Remembered<T> {
  let last = empty;
  let staleAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let readingSince = 0;
  let generation = 0;
  const refresh = async (own: number): Promise<void> => {
    let freshFor = freshMs;
    try {
      const value = await read();
      if (own !== generation) return;
      last = value;
    } catch (error) {
      onError(error);
      freshFor = RETRY_MS;
    }
    if (own !== generation) return;
    staleAt = performance.now() + freshFor;
    reading = undefined;
  };
  return {
    async get() {
      const now = performance.now();
      if (now < staleAt) return last;
      if (reading === undefined) {
        readingSince = now;
        reading = refresh(generation);
      }
      const left = readingSince + PATIENCE_MS - now;
      if (left > 0) await atMost(reading, left);
      return last;
    },
    expire() {
      generation += 1;
      staleAt = Number.NEGATIVE_INFINITY;
      reading = undefined;
    },
  };
}

async function atMost(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}
