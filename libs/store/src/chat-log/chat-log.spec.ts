import postgres from 'postgres';
import { openStore, type Store } from '../store';
import { createTestDatabase, type TestDatabase } from '../test-database';
import type { ChatLogCursor, ChatLogFilter } from './list';
import type { NewChatLogRow } from './row';

let database: TestDatabase;
let one: Store;
let two: Store;
let admin: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  one = openStore({ url: database.url });
  two = openStore({ url: database.url });
  admin = postgres(database.url, { max: 1 });
});

afterAll(async () => {
  await Promise.all([one.close(), two.close(), admin.end()]);
  await database.drop();
});

const entry = (requestId: string, more: Partial<NewChatLogRow> = {}): NewChatLogRow => ({
  requestId,
  kind: 'chat',
  owner: 'local',
  apiKeyId: 'key-1',
  mode: 'normal',
  modelId: 'small',
  providerId: 'openai',
  success: true,
  attempts: 1,
  latencyMs: 12.5,
  latencyBudgetMs: 120_000,
  costUsd: 0.000123,
  inputTokens: 10,
  outputTokens: 5,
  ...more,
});

/** Rows of a request in each of the four tables. */
async function rowsOf(requestId: string): Promise<readonly number[]> {
  const [row] = await admin<{ counts: number[] }[]>`
    select json_build_array(
      (select count(*) from chat_log where request_id = ${requestId}),
      (select count(*) from chat_rewards where request_id = ${requestId}),
      (select count(*) from chat_points where model_id = ${requestId}),
      (select count(*) from events where data::jsonb ->> 'request_id' = ${requestId})) as counts`;
  return row?.counts ?? [];
}

test('a request is written once, whatever is repeated: line, reward, point and event', async () => {
  const row = entry('once', { modelId: 'once', reward: 0.75, bucket: 'small', attempts: 3 });
  const again = { ...row, costUsd: 99 };
  const written = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 ? one : two).chatLog.write(index ? again : row)),
  );
  expect(written.filter(Boolean)).toEqual([true]);
  expect(await one.chatLog.write(row)).toBe(false);
  expect(await rowsOf('once')).toEqual([1, 1, 1, 1]);
});

test('all columns come back, those that were left out as null', async () => {
  const full = entry('full', {
    parentRequestId: 'parent',
    kind: 'stream',
    aliasFrom: 'blind',
    success: false,
    errorClass: 'transient',
    bytesStreamed: 3_000_000_000,
    aborted: true,
    reward: 0,
    bucket: 'large',
    modelId: 'columns',
  });
  const bare = { ...entry('bare'), apiKeyId: undefined, modelId: undefined, providerId: undefined, reward: 1 };
  await one.chatLog.write(full);
  await one.chatLog.write(bare);
  const [row] = await one.chatLog.list({ modelId: 'columns' }, 1);
  expect(row).toEqual({ ...full, createdAt: expect.any(Date) });
  const listed = await one.chatLog.list({ owner: 'local' }, 1001);
  expect(listed.find(({ requestId }) => requestId === 'bare')).toEqual({
    ...bare,
    parentRequestId: null,
    apiKeyId: null,
    modelId: null,
    providerId: null,
    aliasFrom: null,
    errorClass: null,
    bytesStreamed: null,
    aborted: false,
    reward: null,
    bucket: null,
    createdAt: expect.any(Date),
  });
});

test('the event says how it went, and how often another model had to be asked', async () => {
  await one.chatLog.write(entry('event', { success: false, errorClass: 'fatal', attempts: 5, aliasFrom: 'blind' }));
  const [event] = await admin`select type, data from events where data::jsonb ->> 'request_id' = 'event'`;
  expect({ type: event?.['type'], ...(JSON.parse(String(event?.['data'])) as object) }).toEqual({
    type: 'route_error',
    request_id: 'event',
    kind: 'chat',
    owner: 'local',
    api_key_id: 'key-1',
    mode: 'normal',
    model_id: 'small',
    provider_id: 'openai',
    alias_from: 'blind',
    error_class: 'fatal',
    escalations: 4,
    latency_ms: 12.5,
    cost_usd: 0.000123,
  });
});

const write = (id: string) => two.chatLog.write(entry(id, { modelId: id, reward: 1, bucket: 'small' }));

test('a connection cut under a write leaves all of it or nothing, and it can be repeated', async () => {
  const cut = Array.from({ length: 60 }, (_, index) => `cut-${index}`);
  const writes = cut.map((id) => write(id).catch(() => undefined));
  await admin`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`;
  await Promise.all(writes);
  for (const id of cut) expect(['0,0,0,0', '1,1,1,1']).toContain((await rowsOf(id)).join());
  // A broken connection can still be handed out once.
  for (const id of cut) await write(id).catch(() => write(id));
  for (const id of cut) expect(await rowsOf(id)).toEqual([1, 1, 1, 1]);
});

const ids = async (filter: ChatLogFilter, limit = 1001) =>
  (await one.chatLog.list({ owner: 'lister', ...filter }, limit)).map(({ requestId }) => requestId);

test('the list is newest first, narrowed, and goes on where a page ended', async () => {
  for (let index = 0; index < 7; index += 1) {
    const success = index % 3 > 0;
    const more = {
      owner: 'lister',
      modelId: `m-${index % 2}`,
      providerId: `p-${index % 2}`,
      apiKeyId: `k-${index % 2}`,
    };
    await one.chatLog.write(
      entry(`list-${index}`, { ...more, success, parentRequestId: index < 2 ? 'top' : undefined }),
    );
  }
  // Lines of one millisecond, which their ids put in order.
  await admin`update chat_log set created_at = '2026-01-01' where request_id in ('list-2', 'list-3', 'list-4')`;
  const all = ['list-6', 'list-5', 'list-1', 'list-0', 'list-4', 'list-3', 'list-2'];
  expect(await ids({})).toEqual(expect.arrayContaining(all));
  const paged: string[] = [];
  for (let after: ChatLogCursor | undefined; ;) {
    const page = await one.chatLog.list({ owner: 'lister', ...(after && { after }) }, 2);
    paged.push(...page.map(({ requestId }) => requestId));
    const last = page.at(-1);
    if (last === undefined) break;
    after = last;
  }
  expect(paged).toEqual(await ids({}));
  expect(paged.slice(-3)).toEqual(['list-4', 'list-3', 'list-2']);
  for (const filter of [{ modelId: 'm-1' }, { providerId: 'p-1' }, { apiKeyId: 'k-1' }]) {
    expect((await ids(filter)).toSorted()).toEqual(['list-1', 'list-3', 'list-5']);
  }
  expect((await ids({ success: false })).toSorted()).toEqual(['list-0', 'list-3', 'list-6']);
  expect((await ids({ parentRequestId: 'top' })).toSorted()).toEqual(['list-0', 'list-1']);
  expect(await ids({ modelId: 'none' })).toEqual([]);
});

test('a key has spent what its chats cost, an orchestration not twice', async () => {
  const spender = { apiKeyId: 'spender' };
  await one.chatLog.write(entry('spend-1', { ...spender, costUsd: 0.25 }));
  await one.chatLog.write(entry('spend-2', { ...spender, costUsd: 0.5, kind: 'stream' }));
  await one.chatLog.write(entry('spend-3', { ...spender, costUsd: 0.75, kind: 'orchestrate' }));
  await one.chatLog.write(entry('spend-4', { ...spender, costUsd: 8 }));
  await admin`update chat_log set created_at = '2026-01-01' where request_id = 'spend-4'`;
  expect(await one.chatLog.spend('spender', new Date('2026-02-01'))).toBe(0.75);
  expect(await one.chatLog.spend('spender', new Date(0))).toBe(8.75);
  expect(await one.chatLog.spend('nobody', new Date(0))).toBe(0);
});

test('rewards are summed by model and size; a request without a model gives none', async () => {
  const reward = (id: string, modelId: string, bucket: 'small' | 'large', value: number) =>
    one.chatLog.write(entry(id, { modelId, bucket, reward: value }));
  await reward('arm-1', 'arm-a', 'small', 0.5);
  await reward('arm-2', 'arm-a', 'small', 1);
  await reward('arm-3', 'arm-a', 'large', 0);
  await one.chatLog.write({ ...entry('arm-4', { reward: 0, bucket: 'small' }), modelId: undefined });
  const arms = await one.chatLog.arms(new Date(Date.now() - 3_600_000));
  expect(arms.filter(({ modelId }) => modelId === 'arm-a')).toEqual([
    { modelId: 'arm-a', bucket: 'large', samples: 1, sum: 0 },
    { modelId: 'arm-a', bucket: 'small', samples: 2, sum: 1.5 },
  ]);
  expect((await rowsOf('arm-4'))[1]).toBe(0);
  expect(await one.chatLog.arms(new Date(Date.now() + 3_600_000))).toEqual([]);
});
