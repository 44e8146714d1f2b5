import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { QUEUE, startBareWorker } from './bare';
import { appOf, startFleetWorker } from './fleet-worker';
import { interleave, type Measurement } from './interleave';
import type { Line } from './line';
import { ROOT, type Stage } from './stage';
import { median, ratioOf } from './statistics';
import { said, type Row } from './table';
import { commonEnv, type WorkerProcess } from './worker-process';

const OURS = 'b-ours';
const BARE = 'b-bare';
const BARE_AGAIN = 'b-bare-again';
const BUNDLE = join(ROOT, 'apps', appOf(QUEUE), 'dist/workflow-bundle.js');

type Contestant = 'ours' | 'bare' | 'again';

/** A worker that is deployed or restarted must take up work soon. */
export const lineB: Line = {
  letter: 'b',
  about: 'how soon a new worker has completed a workflow that waits for it: prebuilt bundle against workflowsPath',
  namespaces: [OURS, BARE, BARE_AGAIN],
  apps: [appOf(QUEUE)],
  async measure(stage, scale) {
    const spawned = await compared(stage, scale.rounds(9), 'spawn', {
      ours: spawnedTime(stage, OURS, () => startFleetWorker(stage, QUEUE, OURS)),
      bare: spawnedTime(stage, BARE, () => startBareWorker(stage, BARE)),
      again: spawnedTime(stage, BARE_AGAIN, () => startBareWorker(stage, BARE_AGAIN)),
    });
    const created = await compared(stage, scale.rounds(9), 'Worker.create', {
      ours: createdTime(stage, OURS, { WORKFLOW_BUNDLE: BUNDLE }),
      bare: createdTime(stage, BARE),
      again: createdTime(stage, BARE_AGAIN),
    });
    return [
      row('spawn to first completed: ours, bare', 0.5, spawned),
      row('Worker.create to first completed: prebuilt, bare', 0.35, created),
    ];
  },
};

/** A workflow of one activity waits; the clock runs from the spawn of its worker until the client sees it completed. */
function spawnedTime(
  stage: Stage,
  namespace: string,
  start: () => WorkerProcess | Promise<WorkerProcess>,
): Measurement<number> {
  return async () => {
    const waiting = await startWaiting(stage, namespace);
    const startedAt = performance.now();
    const worker = await start();
    await waiting.result();
    const time = performance.now() - startedAt;
    await worker.stop();
    return time;
  };
}

/** The same by the clock of the process itself, from Worker.create: what loading Node and the SDK takes is left out. */
function createdTime(stage: Stage, namespace: string, env: Readonly<Record<string, string>> = {}): Measurement<number> {
  return async () => {
    const waiting = await startWaiting(stage, namespace);
    const child = spawn(process.execPath, [join(__dirname, 'create-worker.js')], {
      cwd: stage.folder,
      env: {
        ...commonEnv(),
        ...env,
        TEMPORAL_ADDRESS: stage.address,
        TEMPORAL_NAMESPACE: namespace,
        TASK_QUEUE: QUEUE,
        WORKFLOW_ID: waiting.workflowId,
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    const end = stage.endings.add(async () => void child.kill('SIGKILL'), child.pid);
    if ((await code) !== 0) throw new Error(`create-worker.js ended with code ${await code}`);
    await end();
    return Number(text);
  };
}

function startWaiting(stage: Stage, namespace: string) {
  const options = { workflowId: randomUUID(), taskQueue: QUEUE, args: [{ steps: 1, durationMs: 0 }] };
  return stage.client(namespace).workflow.start('probeSteps', options);
}

async function compared(
  { say }: Stage,
  rounds: number,
  what: string,
  contestants: Record<Contestant, Measurement<number>>,
): Promise<Record<Contestant, number[]>> {
  // Not counted: the first reads its files from disk, the others find them in memory.
  await interleave(1, contestants);
  return interleave(rounds, contestants, (round, { ours, bare, again }) =>
    say(
      `b: ${what} ${round + 1} of ${rounds}: ours ${said(ours, 'ms')}, bare ${said(bare, 'ms')}, again ${said(again, 'ms')}`,
    ),
  );
}

function row(what: string, most: number, { ours, bare, again }: Record<Contestant, number[]>): Row {
  return {
    line: 'b',
    what,
    a: said(median(ours), 'ms'),
    b: said(median(bare), 'ms'),
    ratio: ratioOf(ours, bare),
    target: { at: 'most', value: most },
    same: ratioOf(again, bare),
  };
}
