import postgres from 'postgres';
import { openStore, type Store } from '../store';
import { createTestDatabase, type TestDatabase } from '../test-database';
import type { PointMetric } from './points';
import type { NewChatLogRow } from './row';
import type { ChatStatistics, StatisticsGroup } from './statistics';

const START = Date.parse('2026-03-01T00:00:00Z');
const MINUTE = 60_000;

let database: TestDatabase;
let store: Store;
let admin: postgres.Sql;

/** A hundred requests, six seconds apart: models, providers, keys, modes and kinds in different rhythms. */
const REQUESTS: readonly (NewChatLogRow & { readonly at: number })[] = Array.from({ length: 100 }, (_, index) => ({
  requestId: `r-${index}`,
  kind: index % 10 === 9 ? 'orchestrate' : index % 4 === 3 ? 'stream' : 'chat',
  owner: index % 5 === 0 ? 'ada' : 'local',
  apiKeyId: index % 3 === 0 ? undefined : `key-${index % 3}`,
  mode: index % 2 === 0 ? 'normal' : 'cheap',
  modelId: `model-${index % 7}`,
  providerId: `provider-${index % 7 < 3 ? 'a' : 'b'}`,
  success: index % 6 !== 0,
  attempts: 1,
  latencyMs: (index * 37) % 101,
  latencyBudgetMs: 1000,
  costUsd: index / 1000,
  inputTokens: index,
  outputTokens: 2 * index,
  bytesStreamed: index % 4 === 3 ? index * 100 : undefined,
  at: START + index * 6_000,
}));

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
  admin = postgres(database.url, { max: 1 });
  for (const { at, ...row } of REQUESTS) {
    await store.chatLog.write({ ...row, ...(row.modelId && { reward: 1, bucket: 'small' as const }) });
    await admin`update chat_log set created_at = ${new Date(at)} where request_id = ${row.requestId}`;
    await admin`update chat_rewards set at = ${new Date(at)} where request_id = ${row.requestId}`;
    await admin`update chat_points set at = ${new Date(at)} where at > '2026-06-01'`;
  }
});

afterAll(async () => {
  await Promise.all([store.close(), admin.end()]);
  await database.drop();
});

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** The figures by brute force. */
function figures(group: string | null, rows: readonly NewChatLogRow[]): ChatStatistics {
  const latencies = rows.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
  return {
    group,
    requests: rows.length,
    errors: rows.filter(({ success }) => !success).length,
    averageLatencyMs: rows.length === 0 ? null : expect.closeTo(sum(latencies) / rows.length, 6),
    p95LatencyMs: latencies[Math.ceil(0.95 * rows.length) - 1] ?? null,
    costUsd: expect.closeTo(sum(rows.map(({ costUsd }) => costUsd)), 9),
    inputTokens: sum(rows.map(({ inputTokens }) => inputTokens)),
    outputTokens: sum(rows.map(({ outputTokens }) => outputTokens)),
  };
}

const keyOf: Readonly<Record<StatisticsGroup, (row: NewChatLogRow) => string | null>> = {
  model: (row) => row.modelId ?? null,
  provider: (row) => row.providerId ?? null,
  api_key: (row) => row.apiKeyId ?? null,
  mode: (row) => row.mode,
};

test.each(['model', 'provider', 'api_key', 'mode'] as const)(
  'figures by %s are those of brute force',
  async (groupBy) => {
    const [from, to] = [START + MINUTE, START + 8 * MINUTE];
    const rows = REQUESTS.filter(({ kind, at }) => kind !== 'orchestrate' && at >= from && at < to);
    const groups = [...new Set(rows.map(keyOf[groupBy]))];
    const expected = groups.map((group) =>
      figures(
        group,
        rows.filter((row) => keyOf[groupBy](row) === group),
      ),
    );
    const found = await store.chatLog.statistics({ since: new Date(from), until: new Date(to), groupBy });
    expect(found).toHaveLength(expected.length);
    expect(found).toEqual(expect.arrayContaining(expected));
  },
);

test('figures of all, of one owner, and of nothing', async () => {
  const rows = REQUESTS.filter(({ kind }) => kind !== 'orchestrate');
  const since = new Date(START);
  expect(await store.chatLog.statistics({ since })).toEqual([figures(null, rows)]);
  const ada = rows.filter(({ owner }) => owner === 'ada');
  expect(await store.chatLog.statistics({ since, owner: 'ada' })).toEqual([figures(null, ada)]);
  expect(await store.chatLog.statistics({ since: new Date('2030-01-01') })).toEqual([figures(null, [])]);
});

const valueOf: Readonly<Record<PointMetric, (row: NewChatLogRow) => number | undefined>> = {
  latency: (row) => row.latencyMs,
  cost: (row) => row.costUsd,
  tokens: (row) => row.inputTokens + row.outputTokens,
  errors: (row) => (row.success ? 0 : 1),
  stream_bytes: (row) => row.bytesStreamed,
};

test.each(['latency', 'cost', 'tokens', 'errors', 'stream_bytes'] as const)(
  'the time series of %s in buckets of a minute is that of brute force',
  async (metric) => {
    const [from, to, stepMs] = [START + 2_000, START + 9 * MINUTE, MINUTE];
    const filter = { modelId: 'model-3', providerId: 'provider-b' };
    const buckets = new Map<number, number[]>();
    for (const row of REQUESTS) {
      const value = valueOf[metric](row);
      const fits = row.kind !== 'orchestrate' && row.modelId === 'model-3' && row.at >= from && row.at < to;
      const at = from + Math.floor((row.at - from) / stepMs) * stepMs;
      if (fits && value !== undefined) buckets.set(at, [...(buckets.get(at) ?? []), value]);
    }
    const expected = [...buckets].map(([at, values]) => ({
      at: new Date(at),
      count: values.length,
      average: expect.closeTo(sum(values) / values.length, 9) as number,
      sum: expect.closeTo(sum(values), 9) as number,
      max: Math.max(...values),
    }));
    expect(expected.length).toBeGreaterThan(2);
    const query = { metric, ...filter, from: new Date(from), to: new Date(to), stepMs };
    expect(await store.chatLog.points(query)).toEqual(expected);
    expect(await store.chatLog.points({ ...query, providerId: 'provider-a' })).toEqual([]);
  },
);

test('a series of too many buckets is refused', async () => {
  const query = { metric: 'cost', from: new Date(START), to: new Date(START + 86_400_000) } as const;
  await expect(store.chatLog.points({ ...query, stepMs: 1 })).rejects.toThrow(RangeError);
  await expect(store.chatLog.points({ ...query, stepMs: 0 })).rejects.toThrow(RangeError);
});

const counts = async () => {
  const [row] = await admin<{ log: number; rewards: number; points: number }[]>`
    select (select count(*) from chat_log)::integer as log, (select count(*) from chat_rewards)::integer as rewards,
      (select count(*) from chat_points)::integer as points`;
  return row;
};

test('pruning deletes what is older, lines with their rewards, at most so many at once', async () => {
  const cutoff = new Date(START + 5 * MINUTE);
  expect(await store.chatLog.prune(cutoff, 30)).toBe(30);
  expect(await counts()).toEqual({ log: 70, rewards: 70, points: 90 });
  expect(await store.chatLog.prune(cutoff, 30)).toBe(20);
  expect(await store.chatLog.prune(cutoff, 30)).toBe(0);
  expect(await store.chatLog.prunePoints(cutoff, 30)).toBe(30);
  expect(await store.chatLog.prunePoints(cutoff, 30)).toBe(15);
  expect(await counts()).toEqual({ log: 50, rewards: 50, points: 45 });
});
