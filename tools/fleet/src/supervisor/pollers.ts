import { setTimeout as delay } from 'node:timers/promises';
import type { GatewayApi } from '../gateway-api';
import type { Queue } from '../gateway-contract';
import type { Plan } from './plan';

const LIMIT_MS = 15_000;
const ASK_EVERY_MS = 200;

/**
 * Waits until the server has seen a poll of a worker of every queue. They are ready some moments before; a job that is
 * submitted in between is warned that nobody polls its queue.
 *
 * @returns what can be told of it. A queue without a poller after 15 s is told and does not fail the start.
 */
export async function untilPolled(api: GatewayApi, plan: Pick<Plan, 'apps'>): Promise<string> {
  const wanted = new Set(plan.apps.flatMap(({ queue }) => (queue ? [queue as string] : [])));
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const { queues } = await api.json<{ queues: readonly Queue[] }>('GET', '/v1/queues');
    const silent = queues
      .filter(({ name, activities }) => wanted.has(name) && activities.pollers === 0)
      .map(({ name }) => name);
    if (silent.length === 0) return `${wanted.size} polled`;
    if (performance.now() > deadline) return `no poller yet on ${silent.join(', ')}`;
    await delay(ASK_EVERY_MS);
  }
}
