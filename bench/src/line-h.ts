import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startTemporal } from '@fleet/fleet-cli/services/temporal';
import { Client } from '@temporalio/client';
import { appOf, startFleetWorker } from './fleet-worker';
import { runProbe, startProbe } from './jobs';
import type { Line, Scale } from './line';
import { atRate } from './load';
import { gather, servePage, type Runs } from './monitors/crowd';
import { freePort } from './ports';
import { startsOf, waitsOf } from './schedule-to-start';
import { connect, type Stage } from './stage';
import { quantile, ratioOf, type Ratio } from './statistics';
import { said, type Row } from './table';

const NAMESPACE = 'h';
const CROWD = 1000;
/** Seconds in which all must have begun. */
const LIMIT = 60;
const JITTER = 60;
/** Jobs a second on the high queue, to see what its callers notice. */
const PROBES = 10;
/** Starts of schedules a second that the control's server allows. The usual 30 is enough, this is not. */
const TOO_FEW = 10;

interface Place {
  readonly stage: Stage;
  readonly scale: Scale;
  readonly address: string;
  readonly page: string;
  readonly client: Client;
}

interface Watched extends Runs {
  /** Of the jobs on the high queue meanwhile, milliseconds. */
  readonly p99: number;
}

/** On the hour everybody's monitors are due; that must neither lose one nor be felt by those who wait for a person's request. */
export const lineH: Line = {
  letter: 'h',
  about: `${CROWD} monitors due in the same second, and what the high queue feels of it`,
  namespaces: [NAMESPACE],
  apps: [appOf('scheduled'), appOf('high')],
  async measure(stage, scale) {
    const page = await servePage(stage);
    const place: Place = { stage, scale, page, address: stage.address, client: stage.client(NAMESPACE) };
    const stop = await startWorkers(place);
    const idle = await p99OfHigh(place, scale.seconds(30));
    const together = await crowded(place, 0);
    const idleAgain = await p99OfHigh(place, scale.seconds(30));
    const spread = await crowded(place, JITTER);
    await stop();
    const control = await tooSlow(stage, scale, page);
    return [...startRows(scale.count(CROWD), together, control), ...highRows(idle, idleAgain, together, spread)];
  },
};

async function startWorkers({ stage, address, page, client }: Place): Promise<() => Promise<void>> {
  const env = { TEMPORAL_ADDRESS: address, FLEET_MONITOR_ALLOW: new URL(page).host };
  const scheduled = await startFleetWorker(stage, 'scheduled', NAMESPACE, {}, env);
  const high = await startFleetWorker(stage, 'high', NAMESPACE, {}, env);
  // Once it answers, its start is no longer part of what is measured.
  await runProbe(client, 'high');
  return async () => {
    await scheduled.stop();
    await high.stop();
  };
}

async function crowded(place: Place, jitterSeconds: number): Promise<Watched> {
  const { stage, scale, address, page, client } = place;
  const count = scale.count(CROWD);
  const crowd = await gather(stage, { address, namespace: NAMESPACE, page, count, jitterSeconds });
  stage.say(
    `h: ${count} monitors, jitter ${jitterSeconds} s; due in ${Math.round((crowd.dueAt - Date.now()) / 1000)} s`,
  );
  await delay(Math.max(0, crowd.dueAt - Date.now()));
  const p99 = await p99OfHigh(place, LIMIT + 5);
  const runs = await crowd.runs(client);
  stage.say(
    `h: ${runs.delays.length} runs, ${runs.twice} twice; the last was started after ${lastOf(runs).toFixed(1)} s`,
  );
  stage.say(
    `h: ${runs.opened.length} of them opened by a worker, the last after ${Math.max(0, ...runs.opened).toFixed(1)} s`,
  );
  await crowd.end();
  return { ...runs, p99 };
}

async function p99OfHigh({ client }: Place, seconds: number): Promise<number> {
  const handles = await atRate(PROBES, seconds, () => startProbe(client, 'high'));
  return quantile(waitsOf(await startsOf(handles, 10_000)), 0.99);
}

/** The same on a server that starts fewer scheduled runs a second than are needed. */
async function tooSlow(stage: Stage, scale: Scale, page: string): Promise<Runs> {
  const server = await stage.endings.started(
    startTemporal({
      stateDir: join(stage.folder, 'h-slow'),
      port: await freePort(),
      uiPort: undefined,
      namespace: NAMESPACE,
      extraSettings: { 'worker.schedulerNamespaceStartWorkflowRPS': TOO_FEW },
      onLine: stage.say,
    }),
  );
  const connection = await connect(server.address, stage.endings);
  const client = new Client({ connection, namespace: NAMESPACE });
  const place: Place = { stage, scale, page, address: server.address, client };
  const stop = await startWorkers(place);
  const runs = await crowded(place, 0);
  await stop();
  await server.stop();
  return runs;
}

/** Seconds until the last of all began. Of those that did not in time, nothing is known but that. */
function lastOf({ delays }: Runs): number {
  return Math.max(0, ...delays);
}

function secondsUntilAll(count: number, runs: Runs): number {
  return runs.delays.length < count ? Math.max(LIMIT + 5, lastOf(runs)) : lastOf(runs);
}

function startRows(count: number, together: Runs, control: Runs): Row[] {
  const seconds = secondsUntilAll(count, together);
  const slow = secondsUntilAll(count, control);
  return [
    {
      line: 'h',
      what: `${count} monitors due at once: seconds until the last began (control: ${TOO_FEW} starts a second)`,
      a: said(seconds, 's'),
      b: said(0, 's'),
      ratio: just(seconds),
      difference: 's',
      target: { at: 'most', value: LIMIT },
      worse: just(slow),
    },
    {
      line: 'h',
      what: `of them, opened by a worker ${LIMIT + 5} s after they were due`,
      a: said(together.opened.length, ''),
      b: said(count, ''),
      ratio: ratioOf([together.opened.length], [count]),
    },
    {
      line: 'h',
      what: `monitors that ran twice, of ${count} (with those not begun in ${LIMIT} s)`,
      a: said(together.twice, ''),
      b: said(0, ''),
      ratio: just(together.twice + count - together.delays.length),
      difference: '',
      target: { at: 'most', value: 0 },
      worse: just(control.twice + count - control.delays.length),
    },
  ];
}

function highRows(idle: number, idleAgain: number, together: Watched, spread: Watched): Row[] {
  const row = (what: string, p99: number): Row => ({
    line: 'h',
    what,
    a: said(p99, 'ms'),
    b: said(idle, 'ms'),
    ratio: ratioOf([p99], [idle]),
    same: ratioOf([idleAgain], [idle]),
  });
  return [
    {
      ...row(`p99 start on high while they run, jitter ${JITTER} s: busy, idle`, spread.p99),
      target: { at: 'most', value: 2 },
    },
    row('p99 start on high while they run, no jitter: busy, idle', together.p99),
  ];
}

/** One measurement: there is nothing to take a median of. */
function just(value: number): Ratio {
  return { median: value, least: value, most: value };
}
