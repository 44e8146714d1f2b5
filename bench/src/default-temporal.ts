import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { startServerProcess } from '@fleet/fleet-cli/services/server-process';
import { findTemporalExecutable } from '@fleet/fleet-cli/services/temporal-executable';
import type { Running } from './endings';

const HOST = '127.0.0.1';
const START_LIMIT_MS = 60_000;

/**
 * Starts the executable that `startTemporal` starts, on a file database too, but with none of its tuned flags: what a
 * developer gets who types `temporal server start-dev --db-filename`.
 */
export async function startDefaultTemporal(options: {
  readonly stateDir: string;
  readonly port: number;
  readonly namespace: string;
  readonly onLine: (line: string) => void;
}): Promise<Running & { readonly address: string }> {
  const { stateDir, port, namespace } = options;
  mkdirSync(stateDir, { recursive: true });
  const address = `${HOST}:${port}`;
  const server = await startServerProcess({
    name: 'temporal',
    stateDir,
    command: await findTemporalExecutable(options),
    args: [
      'server',
      'start-dev',
      `--ip=${HOST}`,
      `--port=${port}`,
      '--headless',
      '--db-filename',
      join(stateDir, 'temporal.db'),
      '--namespace',
      namespace,
      '--log-level=warn',
      '--log-format=json',
    ],
    stopSignal: 'SIGTERM',
    stopLimitMs: 10_000,
  });
  try {
    await untilItAnswers(address, namespace, () => server.hasExited());
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { address, pid: server.pid, stop: () => server.stop() };
}

async function untilItAnswers(address: string, namespace: string, hasExited: () => boolean): Promise<void> {
  for (const deadline = Date.now() + START_LIMIT_MS; Date.now() < deadline; await delay(100)) {
    if (hasExited()) break;
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1000 });
      try {
        await connection.workflowService.describeNamespace({ namespace });
        return;
      } finally {
        await connection.close();
      }
    } catch {
      // Not yet.
    }
  }
  throw new Error('the Temporal server with its own defaults did not start');
}
