import { startContestant, type Contestant } from './contestant';
import type { Answer, Ask } from './durable/serve';
import { interleave } from './interleave';
import type { Line, Scale } from './line';
import type { Stage } from './stage';
import { median, ratioOf } from './statistics';
import { said, type Row } from './table';

const NAMESPACE = 'f';
const PARALLEL = 50;
/** Waits of the control's steps: three of them take longer than tuned polling does, alone and 50 at a time. */
const SLOW_MS = { alone: 50, crowded: 500 };

type Name = 'local' | 'tuned' | 'tunedAgain' | 'temporal' | 'stock' | 'slow';
type Key = keyof Answer;

interface Load {
  readonly what: string;
  readonly key: Key;
  readonly unit: string;
  readonly parallel: number;
  readonly counts: Readonly<Record<'fast' | 'temporal' | 'stock' | 'slow', number>>;
  readonly slowMs: number;
  readonly target: NonNullable<Row['target']>;
}

/** Three durable steps, enqueued and waited for: what a portable workflow costs in process, and what its like costs. */
export const lineF: Line = {
  letter: 'f',
  about: 'three durable steps, queued: the local executor on Postgres against DBOS Transact on the same server',
  namespaces: [NAMESPACE],
  apps: [],
  async measure(stage, scale) {
    const env = {
      BENCH_DATABASE_URL: stage.databaseUrl,
      TEMPORAL_ADDRESS: stage.address,
      TEMPORAL_NAMESPACE: NAMESPACE,
    };
    const start = (name: string) => startContestant<Ask, Answer>(stage, `durable/${name}-process`, env);
    const local = await start('local');
    const dbos = await start('dbos');
    const temporal = await start('temporal');
    const rows: Row[] = [];
    for (const load of loadsOf(scale)) rows.push(...(await compared(stage, scale, load, { local, dbos, temporal })));
    for (const contestant of [local, dbos, temporal]) await contestant.stop();
    return rows;
  },
};

function loadsOf(scale: Scale): Load[] {
  return [
    {
      what: `throughput, ${PARALLEL} at a time`,
      key: 'perSecond',
      unit: '/s',
      parallel: PARALLEL,
      counts: { fast: scale.count(400), temporal: 2 * PARALLEL, stock: PARALLEL, slow: PARALLEL },
      slowMs: SLOW_MS.crowded,
      target: { at: 'least', value: 1 },
    },
    {
      what: 'p50, one at a time',
      key: 'p50',
      unit: 'ms',
      parallel: 1,
      counts: { fast: scale.count(50), temporal: scale.count(50), stock: 3, slow: 5 },
      slowMs: SLOW_MS.alone,
      target: { at: 'most', value: 1 },
    },
  ];
}

async function compared(
  { say }: Stage,
  scale: Scale,
  { what, key, unit, parallel, counts, slowMs, target }: Load,
  { local, dbos, temporal }: Readonly<Record<'local' | 'dbos' | 'temporal', Contestant<Ask, Answer>>>,
): Promise<Row[]> {
  const asked =
    (contestant: Contestant<Ask, Answer>, mode: string, count: number, waitMs = 0) =>
    async () =>
      (await contestant.measure({ mode, count, parallel, waitMs }))[key];
  const contestants: Record<Name, () => Promise<number>> = {
    local: asked(local, '', counts.fast),
    tuned: asked(dbos, 'tuned', counts.fast),
    tunedAgain: asked(dbos, 'tuned', counts.fast),
    temporal: asked(temporal, '', counts.temporal),
    stock: asked(dbos, 'default', counts.stock),
    slow: asked(local, '', counts.slow, slowMs),
  };
  // Compiled code and open connections for all, before anything counts.
  const { stock: _stock, slow: _slow, ...warmed } = contestants;
  await interleave(1, warmed);
  const rounds = scale.rounds(5);
  const results = await interleave(rounds, contestants, (round, values) => {
    const each = Object.entries<number>(values).map(([name, value]) => `${name} ${said(value, unit)}`);
    say(`f: ${what}, round ${round + 1} of ${rounds}: ${each.join(', ')}`);
  });
  const against = (name: Name, other: Name, label: string): Row => ({
    line: 'f',
    what: `${what}: ${label}`,
    a: said(median(results[name]), unit),
    b: said(median(results[other]), unit),
    ratio: ratioOf(results[name], results[other]),
  });
  return [
    {
      ...against('local', 'tuned', 'local, DBOS polling every 10 ms'),
      target,
      same: ratioOf(results.tunedAgain, results.tuned),
      worse: ratioOf(results.slow, results.tuned),
    },
    against('local', 'stock', 'local, DBOS as it comes'),
    against('temporal', 'tuned', 'temporal, DBOS polling every 10 ms'),
  ];
}
