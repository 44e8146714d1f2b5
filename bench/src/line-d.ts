import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { TASK_QUEUES } from '@fleet/task-queues';
import type { ActivityHandle, Client } from '@temporalio/client';
import { QUEUE, startBareWorker } from './bare';
import { appOf, startFleetWorker } from './fleet-worker';
import { interleave } from './interleave';
import { runProbe, startProbe } from './jobs';
import type { Line, Scale } from './line';
import { atRate, throughput } from './load';
import { startsOf, waitsOf, type Started } from './schedule-to-start';
import type { Stage } from './stage';
import { median, quantile, ratioOf, type Ratio } from './statistics';
import { said, type Row } from './table';

const OURS = 'd';
const SHARED = 'd-shared';
/** Probes of the high queue: few enough that they do not wait for each other. */
const PROBES_PER_SECOND = 30;
const BACKGROUND_PER_SECOND = TASK_QUEUES.background.activitiesPerSecond;
/** Five slots do over 20 of these in a second: the rate is what holds the backlog back, not the slots. */
const BACKGROUND_JOB_MS = 100;
/** Filling keeps the server busy for 300 ms longer, and its cost is not that of draining. Seconds. */
const SETTLE_SECONDS = 2;
/** More backlog than the phase can drain: a second for the burst a rate allows, two for filling and the ends. */
const MARGIN_SECONDS = 3 + SETTLE_SECONDS;
const BURST = 200;
const PATIENCE_MS = 5000;

/** Urgent work must not notice that other work waits. */
export const lineD: Line = {
  letter: 'd',
  about: `p99 schedule-to-start on high while background drains a backlog at ${BACKGROUND_PER_SECOND}/s, against idle`,
  namespaces: [OURS, SHARED],
  apps: [appOf('high'), appOf('background')],
  async measure(stage, scale) {
    const workers = [await startFleetWorker(stage, 'high', OURS), await startFleetWorker(stage, 'background', OURS)];
    const seconds = scale.seconds(9);
    const client = stage.client(OURS);
    await Promise.all(['high', 'background'].map((queue) => throughput(20, 5, () => runProbe(client, queue))));
    const idle = async () => quantile(waitsOf(await probePhase(client, 'high', seconds)), 0.99);
    const backlog = await compared(stage, scale.rounds(5), 'background draining', {
      loaded: () => whileDraining(stage, client, seconds),
      idle,
      idleAgain: idle,
    });
    const burst = await bursts(stage, client, scale, seconds);
    for (const worker of workers) await worker.stop();
    const control = await sharedQueue(stage, scale);
    return rowsOf(backlog, burst, control);
  },
};

/** Asks for a job every 33 ms, and tells how long each waited for a worker. */
async function probePhase(client: Client, queue: string, seconds: number): Promise<Started[]> {
  const handles = await atRate(PROBES_PER_SECOND, seconds, () => startProbe(client, queue));
  return startsOf(handles, PATIENCE_MS);
}

async function whileDraining({ say }: Stage, client: Client, seconds: number): Promise<number> {
  const backlog = await fill(client, 'background', seconds);
  await delay(SETTLE_SECONDS * 1000);
  const from = Date.now();
  const waits = waitsOf(await probePhase(client, 'high', seconds));
  const to = from + seconds * 1000;
  const starts = (await startsOf(backlog, 60_000)).map(({ startedAt = Infinity }) => startedAt);
  // A phase in which nothing drained, or the backlog ended early, would have measured something else.
  const during = starts.filter((startedAt) => startedAt >= from && startedAt < to).length / seconds;
  const left = starts.filter((startedAt) => startedAt >= to).length;
  say(`d: background began ${said(during, '/s')} meanwhile; ${left} of ${backlog.length} still waited at the end`);
  if (during < BACKGROUND_PER_SECOND * 0.8 || left === 0) throw new Error('d: background did not drain throughout');
  await Promise.all(backlog.slice(-BACKGROUND_PER_SECOND).map((handle) => handle.result()));
  return quantile(waits, 0.99);
}

async function fill(client: Client, queue: string, seconds: number): Promise<ActivityHandle[]> {
  const backlog: ActivityHandle[] = [];
  const count = BACKGROUND_PER_SECOND * (seconds + MARGIN_SECONDS);
  await throughput(count, 20, async () => backlog.push(await startProbe(client, queue, BACKGROUND_JOB_MS)));
  return backlog;
}

/** Many workflows begin on background at once: their first tasks have no rate, so this is the worst that it can do. */
async function duringBurst(client: Client, count: number, seconds: number): Promise<number> {
  const probing = probePhase(client, 'high', seconds);
  const ids = Array.from({ length: count }, () => randomUUID());
  const options = { taskQueue: 'background', args: [{ steps: 3, durationMs: 0 }] };
  await Promise.all(ids.map((workflowId) => client.workflow.start('probeSteps', { ...options, workflowId })));
  const waits = waitsOf(await probing);
  // The rest would take a minute at the queue's rate. One that has ended by itself cannot be terminated.
  await Promise.all(
    ids.map((id) =>
      client.workflow
        .getHandle(id)
        .terminate()
        .catch(() => undefined),
    ),
  );
  await delay(1000);
  return quantile(waits, 0.99);
}

/** What the lines would show without queues: one bare worker, one queue that keeps background's rate, the same backlog. */
async function sharedQueue(stage: Stage, scale: Scale): Promise<Ratio> {
  const seconds = scale.seconds(6);
  const client = stage.client(SHARED);
  const unlimited = startBareWorker(stage, SHARED);
  await throughput(20, 5, () => runProbe(client, QUEUE));
  const idle = quantile(waitsOf(await probePhase(client, QUEUE, seconds)), 0.99);
  await unlimited.stop();
  const worker = startBareWorker(stage, SHARED, { activitiesPerSecond: BACKGROUND_PER_SECOND });
  await runProbe(client, QUEUE);
  await fill(client, QUEUE, seconds);
  const handles = await atRate(PROBES_PER_SECOND, seconds, () => startProbe(client, QUEUE));
  // Most have not begun, and are not waited for: what they have waited so far is bad enough.
  const loaded = quantile(waitsOf(await startsOf(handles, 0)), 0.99);
  await worker.stop();
  stage.say(`d: one queue for all: ${said(loaded, 'ms')} or more, idle ${said(idle, 'ms')}`);
  return ratioOf([loaded], [idle]);
}

/** Idle always comes first: after a burst the queue still throws away what was planned for the workflows that are gone. */
async function bursts(
  { say }: Stage,
  client: Client,
  scale: Scale,
  seconds: number,
): Promise<Record<'loaded' | 'idle', number[]>> {
  const results: Record<'loaded' | 'idle', number[]> = { loaded: [], idle: [] };
  for (let round = 0; round < scale.rounds(3); round += 1) {
    const idle = quantile(waitsOf(await probePhase(client, 'high', seconds)), 0.99);
    const loaded = await duringBurst(client, scale.count(BURST), seconds);
    say(`d: burst ${round + 1}: p99 ${said(loaded, 'ms')}, idle ${said(idle, 'ms')}`);
    results.idle.push(idle);
    results.loaded.push(loaded);
  }
  return results;
}

async function compared<Name extends string>(
  { say }: Stage,
  rounds: number,
  what: string,
  contestants: Record<Name, () => Promise<number>>,
): Promise<Record<Name, number[]>> {
  return interleave(rounds, contestants, (round, results) => {
    const each = Object.entries<number>(results).map(([name, p99]) => `${name} ${said(p99, 'ms')}`);
    say(`d: ${what} ${round + 1} of ${rounds}: p99 ${each.join(', ')}`);
  });
}

function rowsOf(
  backlog: Record<'loaded' | 'idle' | 'idleAgain', number[]>,
  burst: Record<'loaded' | 'idle', number[]>,
  worse: Ratio,
): Row[] {
  return [
    {
      line: 'd',
      what: 'p99 schedule-to-start on high: background draining, idle',
      ...figures(backlog),
      target: { at: 'most', value: 1.5 },
      same: ratioOf(backlog.idleAgain, backlog.idle),
      worse,
    },
    { line: 'd', what: `the same during the first burst of ${BURST} workflows on background`, ...figures(burst) },
  ];
}

function figures({ loaded, idle }: Record<'loaded' | 'idle', number[]>): Pick<Row, 'a' | 'b' | 'ratio'> {
  return { a: said(median(loaded), 'ms'), b: said(median(idle), 'ms'), ratio: ratioOf(loaded, idle) };
}
