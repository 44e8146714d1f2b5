import { BARE_SLOTS, QUEUE, startBareWorker } from './bare';
import { appOf, startFleetWorker } from './fleet-worker';
import { interleave, type Measurement } from './interleave';
import { runSteps } from './jobs';
import type { Line } from './line';
import { throughput } from './load';
import type { Stage } from './stage';
import { median, ratioOf } from './statistics';
import { said, type Row } from './table';
import type { WorkerProcess } from './worker-process';

const PARALLEL = 50;
const OURS = 'a-ours';
const BARE = 'a-bare';
const BARE_AGAIN = 'a-bare-again';
const BURNING = 'a-burning';

interface Load {
  readonly perSecond: number;
  /** Of the worker's process, per workflow. */
  readonly cpuMs: number;
}

/** Everything the fleet's worker does besides working must cost next to nothing. */
export const lineA: Line = {
  letter: 'a',
  about: "the fleet's worker against a bare one: three-activity workflows, 50 at a time",
  namespaces: [OURS, BARE, BARE_AGAIN, BURNING],
  apps: [appOf(QUEUE)],
  async measure(stage, scale) {
    const unlimited = { ...BARE_SLOTS, activitiesPerSecond: null };
    const bare = loaded(stage, startBareWorker(stage, BARE), BARE, scale.count(300));
    const bareAgain = loaded(stage, startBareWorker(stage, BARE_AGAIN), BARE_AGAIN, scale.count(300));
    const ours = loaded(stage, await startFleetWorker(stage, QUEUE, OURS, unlimited), OURS, scale.count(300));
    // The bare one in the middle: it is measured next to both of the others in every round.
    const results = await compared(stage, scale.rounds(8), {
      ours: ours.measure,
      bare: bare.measure,
      again: bareAgain.measure,
    });
    await Promise.all([ours.worker.stop(), bareAgain.worker.stop()]);
    const burning = loaded(stage, startBareWorker(stage, BURNING, { burnMs: 5 }), BURNING, scale.count(150));
    const control = await compared(stage, scale.rounds(3), { burning: burning.measure, bare: bare.measure });
    await Promise.all([bare.worker.stop(), burning.worker.stop()]);
    return rowsOf(results, control);
  },
};

/** A worker and what it is measured with. It stays up all the time; only the load goes from one to the other. */
function loaded(
  stage: Stage,
  worker: WorkerProcess,
  namespace: string,
  count: number,
): { worker: WorkerProcess; measure: Measurement<Load> } {
  const client = stage.client(namespace);
  return {
    worker,
    async measure() {
      const before = worker.cpuMs();
      const perSecond = await throughput(count, PARALLEL, () => runSteps(client, QUEUE, 3));
      return { perSecond, cpuMs: (worker.cpuMs() - before) / count };
    },
  };
}

async function compared<Name extends string>(
  { say }: Stage,
  rounds: number,
  contestants: Readonly<Record<Name, Measurement<Load>>>,
): Promise<Record<Name, Load[]>> {
  // Not counted: caches fill, code is compiled, pollers settle.
  await interleave(1, contestants);
  return interleave(rounds, contestants, (round, results) => {
    const each = Object.entries<Load>(results).map(
      ([name, { perSecond, cpuMs }]) => `${name} ${said(perSecond, '/s')} ${said(cpuMs, 'ms')}`,
    );
    say(`a: round ${round + 1} of ${rounds}: ${each.join(', ')}`);
  });
}

function rowsOf(
  results: Record<'ours' | 'bare' | 'again', Load[]>,
  control: Record<'burning' | 'bare', Load[]>,
): Row[] {
  const row = (what: string, unit: string, target: Row['target'], pick: (load: Load) => number): Row => ({
    line: 'a',
    what,
    a: said(median(results.ours.map(pick)), unit),
    b: said(median(results.bare.map(pick)), unit),
    ratio: ratioOf(results.ours.map(pick), results.bare.map(pick)),
    ...(target ? { target } : {}),
    same: ratioOf(results.again.map(pick), results.bare.map(pick)),
    worse: ratioOf(control.burning.map(pick), control.bare.map(pick)),
  });
  return [
    row('throughput: our worker, bare worker', '/s', { at: 'least', value: 0.98 }, ({ perSecond }) => perSecond),
    row('worker CPU per workflow: ours, bare', 'ms', { at: 'most', value: 1.05 }, ({ cpuMs }) => cpuMs),
  ];
}
