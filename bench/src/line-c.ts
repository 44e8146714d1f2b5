import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { startTemporal } from '@fleet/fleet-cli/services/temporal';
import { QUEUE, startBareWorker } from './bare';
import { startDefaultTemporal } from './default-temporal';
import type { Running } from './endings';
import { interleave, type Measurement } from './interleave';
import { runSteps } from './jobs';
import type { Line } from './line';
import { oneAtATime } from './load';
import { freePorts } from './ports';
import { connect, type Stage } from './stage';
import { median, quantile, ratioOf } from './statistics';
import { said } from './table';
import type { WorkerProcess } from './worker-process';

const NAMESPACE = 'c';
const STEPS = 3;

interface Contestant {
  readonly server: Running;
  readonly worker: WorkerProcess;
  readonly measure: Measurement<number>;
}

/** The server that `npm start` brings along must not be slow because of settings meant for a cluster. */
export const lineC: Line = {
  letter: 'c',
  about: 'the tuned Temporal server against its own defaults: a three-activity workflow, one at a time',
  namespaces: [],
  apps: [],
  async measure(stage, scale) {
    const [one, two, three] = (await freePorts(3)) as [number, number, number];
    const count = scale.count(12);
    // Three new servers: the stage's own has a database full of other lines' histories.
    const tuned = await contestant(stage, count, startTuned(stage, 'c-tuned', one));
    const plain = await contestant(stage, count, startPlain(stage, 'c-default', two));
    const again = await contestant(stage, count, startTuned(stage, 'c-tuned-again', three));
    const contestants = { plain: plain.measure, tuned: tuned.measure, again: again.measure };
    await interleave(1, contestants);
    const rounds = scale.rounds(7);
    const results = await interleave(rounds, contestants, (round, each) => {
      const text = Object.entries(each).map(([name, p50]) => `${name} ${said(p50, 'ms')}`);
      stage.say(`c: round ${round + 1} of ${rounds}: ${text.join(', ')}`);
    });
    for (const { worker } of [tuned, plain, again]) await worker.stop();
    for (const { server } of [tuned, plain, again]) await server.stop();
    return [
      {
        line: 'c',
        what: 'p50 of a three-activity workflow: tuned, default',
        a: said(median(results.tuned), 'ms'),
        b: said(median(results.plain), 'ms'),
        ratio: ratioOf(results.tuned, results.plain),
        target: { at: 'most', value: 0.15 },
        same: ratioOf(results.again, results.tuned),
      },
    ];
  },
};

type Server = Running & { readonly address: string };

function startTuned(stage: Stage, folder: string, port: number): Promise<Server> {
  const stateDir = join(stage.folder, folder);
  return startTemporal({ stateDir, port, uiPort: undefined, namespace: NAMESPACE, onLine: stage.say });
}

function startPlain(stage: Stage, folder: string, port: number): Promise<Server> {
  return startDefaultTemporal({ stateDir: join(stage.folder, folder), port, namespace: NAMESPACE, onLine: stage.say });
}

/** A server with a bare worker of its own, and the p50 of what it is measured with. */
async function contestant(stage: Stage, count: number, starting: Promise<Server>): Promise<Contestant> {
  const server = await stage.endings.started(starting);
  const worker = startBareWorker(stage, NAMESPACE, { address: server.address });
  const connection = await connect(server.address, stage.endings);
  const client = new Client({ connection, namespace: NAMESPACE });
  return {
    server,
    worker,
    measure: async () => quantile(await oneAtATime(count, () => runSteps(client, QUEUE, STEPS)), 0.5),
  };
}
