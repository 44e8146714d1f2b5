import { setTimeout as delay } from 'node:timers/promises';
import type { Catalog } from './catalog';
import type { ProviderAdapter } from './provider';
import type { RouterState } from './router-state';

/** What a router is made of. */
export interface RouterOptions {
  readonly catalog: Catalog;
  /** By id of the provider. */
  readonly adapters: ReadonlyMap<string, ProviderAdapter>;
  readonly state: RouterState;
  /** 0 to 1, 1 excluded. Default Math.random. */
  readonly random?: () => number;
  /** Epoch milliseconds. Default Date.now. */
  readonly now?: () => number;
  /** Of the exploration by softmax; 0 = always the best. Default 0.3. */
  readonly temperature?: number;
  /** How models are explored: by their rank, or by their rewards (Thompson sampling). Default `softmax`. */
  readonly exploration?: 'softmax' | 'thompson';
  /** Milliseconds after which another model is asked beside the first; 0 = never. Default 0. */
  readonly hedgeAfterMs?: number;
  /** Milliseconds for one call of a provider. Default 30,000. */
  readonly perCallTimeoutMs?: number;
  /** Waits, and rejects with the signal's reason. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The options with their defaults. */
export type RouterParts = Required<RouterOptions>;

/** Fills in the defaults. */
export function withDefaults(options: RouterOptions): RouterParts {
  return {
    random: Math.random,
    now: Date.now,
    temperature: 0.3,
    exploration: 'softmax',
    hedgeAfterMs: 0,
    perCallTimeoutMs: 30_000,
    sleep: abortableSleep,
    ...options,
  };
}

async function abortableSleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}
