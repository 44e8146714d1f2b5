import { QUEUE } from './bare';
import { appOf, startFleetWorker } from './fleet-worker';
import { interleave, type Measurement } from './interleave';
import { runProbe, runSteps } from './jobs';
import type { Line } from './line';
import { oneAtATime, throughput } from './load';
import type { Stage } from './stage';
import { median, quantile, ratioOf } from './statistics';
import { said, type Row } from './table';

const PARALLEL = 30;
const NAMESPACE = 'e';

type Contestant = 'job' | 'workflow' | 'again';

/** Why single-step work is a job here, and not a workflow with one activity. */
export const lineE: Line = {
  letter: 'e',
  about: 'a no-op job (standalone activity) against a one-activity workflow, both on our worker',
  namespaces: [NAMESPACE],
  apps: [appOf(QUEUE)],
  async measure(stage, scale) {
    const worker = await startFleetWorker(stage, QUEUE, NAMESPACE, { activitiesPerSecond: null });
    const client = stage.client(NAMESPACE);
    const job = () => runProbe(client, QUEUE);
    const workflow = () => runSteps(client, QUEUE, 1);
    const many = scale.count(300);
    const perSecond = await compared(stage, scale.rounds(5), '/s', {
      workflow: () => throughput(many, PARALLEL, workflow),
      job: () => throughput(many, PARALLEL, job),
      again: () => throughput(many, PARALLEL, job),
    });
    const few = scale.count(60);
    const p50 = async (one: () => Promise<void>) => quantile(await oneAtATime(few, one), 0.5);
    const times = await compared(stage, scale.rounds(5), 'ms', {
      workflow: () => p50(workflow),
      job: () => p50(job),
      again: () => p50(job),
    });
    await worker.stop();
    return [
      row('throughput, 30 at a time: job, one-activity workflow', '/s', { at: 'least', value: 1.5 }, perSecond),
      row('p50, one at a time: job, one-activity workflow', 'ms', { at: 'most', value: 0.5 }, times),
    ];
  },
};

async function compared(
  { say }: Stage,
  rounds: number,
  unit: string,
  contestants: Record<Contestant, Measurement<number>>,
): Promise<Record<Contestant, number[]>> {
  await interleave(1, contestants);
  return interleave(rounds, contestants, (round, { job, workflow, again }) =>
    say(
      `e: round ${round + 1} of ${rounds}: job ${said(job, unit)}, workflow ${said(workflow, unit)}, job again ${said(again, unit)}`,
    ),
  );
}

function row(what: string, unit: string, target: Row['target'], results: Record<Contestant, number[]>): Row {
  const { job, workflow, again } = results;
  return {
    line: 'e',
    what,
    a: said(median(job), unit),
    b: said(median(workflow), unit),
    ratio: ratioOf(job, workflow),
    ...(target ? { target } : {}),
    same: ratioOf(again, job),
  };
}
