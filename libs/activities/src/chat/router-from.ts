import { FleetError } from '@fleet/errors';
import { catalogFrom, createAdapters, createRouter, type Router } from '@fleet/model-router';
import { sharedRouterState, type SharedRouterState, type Store } from '@fleet/store';

type Environment = Readonly<Record<string, string | undefined>>;

const EXPLORATIONS = ['softmax', 'thompson'] as const;
const LONGEST_HEDGE_MS = 300_000;

/** A router whose models can be changed while it is used. */
export interface LiveRouter extends Router {
  /** What all processes know together, as this one sees it. */
  readonly state: SharedRouterState;
  /**
   * Takes the models and the way of choosing from an environment. What is under way goes on with what it began with.
   *
   * @throws FleetError `invalid_variable`, `unreadable_file`: then nothing has changed.
   */
  reload(env: Environment): void;
}

/**
 * The router of a process: its catalog is the environment's, its state the store's. Nothing is connected until it is used.
 *
 * @throws FleetError `invalid_variable`, `unreadable_file`
 */
export function routerFrom(env: Environment, store: Pick<Store, 'routing' | 'chatLog'>): LiveRouter {
  const state = sharedRouterState({ store });
  let router = routerOver(env, state);
  return {
    state,
    get catalog() {
      return router.catalog;
    },
    attempt: (attempt, options) => router.attempt(attempt, options),
    stream: (attempt, options) => router.stream(attempt, options),
    rank: (input) => router.rank(input),
    models: () => router.models(),
    reload(changed) {
      router = routerOver(changed, state);
    },
  };
}

function routerOver(env: Environment, state: SharedRouterState): Router {
  const catalog = catalogFrom(env);
  return createRouter({
    catalog,
    adapters: createAdapters(catalog),
    state,
    exploration: explorationFrom(env),
    hedgeAfterMs: hedgeAfterFrom(env),
  });
}

function explorationFrom(env: Environment): (typeof EXPLORATIONS)[number] {
  const text = env['FLEET_MODEL_EXPLORATION'] || 'softmax';
  const found = EXPLORATIONS.find((name) => name === text);
  if (found === undefined) throw invalid('FLEET_MODEL_EXPLORATION', `one of ${EXPLORATIONS.join(', ')}`, text);
  return found;
}

function hedgeAfterFrom(env: Environment): number {
  const text = env['FLEET_MODEL_HEDGE_AFTER_MS'] || '0';
  if (/^\d+$/.test(text) && Number(text) <= LONGEST_HEDGE_MS) return Number(text);
  throw invalid('FLEET_MODEL_HEDGE_AFTER_MS', `a whole number from 0 (off) to ${LONGEST_HEDGE_MS}`, text);
}

function invalid(variable: string, rule: string, got: string): FleetError {
  return new FleetError('invalid_variable', { variable, rule, got: JSON.stringify(got.slice(0, 100)) });
}
