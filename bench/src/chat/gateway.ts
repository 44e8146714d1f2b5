import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../ports';
import { ROOT, type Stage } from '../stage';
import { startWorker } from '../worker-process';

const START_MS = 30_000;

/** A gateway in a process of its own, as built. */
export interface Gateway {
  readonly origin: string;
  /** The value of a metric, summed over its labels; 0 when it was not counted yet. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a gateway and waits until it answers; whether Temporal does is for its variables to decide. */
export async function startGateway(
  stage: Stage,
  label: string,
  env: Readonly<Record<string, string>>,
): Promise<Gateway> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const running = startWorker(stage, {
    name: label,
    file: join(ROOT, 'apps/gateway/dist/main.js'),
    env: { DATABASE_URL: stage.databaseUrl, FLEET_GATEWAY_PORT: String(port), ...env },
  });
  await untilItAnswers(origin);
  return {
    origin,
    stop: () => running.stop(),
    metric: async (name) => sumOf(await (await fetch(`${origin}/metrics`)).text(), name),
  };
}

async function untilItAnswers(origin: string): Promise<void> {
  for (const deadline = Date.now() + START_MS; Date.now() < deadline; await delay(50)) {
    const answered = await fetch(`${origin}/healthz`).catch(() => undefined);
    if (answered?.ok) return;
  }
  throw new Error(`the gateway at ${origin} did not start`);
}

function sumOf(text: string, metric: string): number {
  const lines = text.split('\n').filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
