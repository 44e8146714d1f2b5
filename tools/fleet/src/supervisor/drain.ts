import { setTimeout as delay } from 'node:timers/promises';
import { duration } from '../output/format';
import type { ManagedApp } from './managed-app';

/** Who is drained and how long that may take, in milliseconds. */
export interface DrainPlan {
  /** Stopped first: while it still takes jobs the workers cannot come to an end. */
  readonly gateway: readonly ManagedApp[];
  readonly workers: readonly ManagedApp[];
  /** Head start of the gateway at most. Default 2,000. */
  readonly gatewayMs?: number;
  /** After it whatever still runs is killed. */
  readonly limitMs: number;
  /** How often it is told who still drains. Default 5,000. */
  readonly sayEveryMs?: number;
  readonly say: (level: 'info' | 'warn', message: string) => void;
}

/** Stops the gateway, then the workers, and waits until all have ended, by themselves or at the limit. */
export async function drain(plan: DrainPlan): Promise<void> {
  const all = [...plan.gateway, ...plan.workers];
  const started = performance.now();
  const left = (): readonly ManagedApp[] => all.filter((app) => app.pid !== undefined);
  const telling = setInterval(() => {
    const names = left()
      .map((app) => app.label)
      .join(', ');
    plan.say('info', `still draining after ${duration(performance.now() - started)}: ${names}`);
  }, plan.sayEveryMs ?? 5000);
  try {
    for (const app of plan.gateway) app.stop();
    await Promise.race([goneAll(plan.gateway), pause(plan.gatewayMs ?? 2000)]);
    for (const app of plan.workers) app.stop();
    await Promise.race([goneAll(all), pause(plan.limitMs)]);
  } finally {
    clearInterval(telling);
  }
  for (const app of left()) {
    plan.say('warn', `${app.label} did not end within ${duration(plan.limitMs)}: killed`);
    app.kill();
  }
  await goneAll(all);
}

function goneAll(apps: readonly ManagedApp[]): Promise<unknown> {
  return Promise.all(apps.map((app) => app.gone()));
}

/** Does not keep the process alive once everything else has ended. */
function pause(ms: number): Promise<unknown> {
  return delay(ms, undefined, { ref: false });
}
