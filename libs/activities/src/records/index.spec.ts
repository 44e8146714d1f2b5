import { openStore, type Store } from '@fleet/store';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import postgres from 'postgres';
import { testScope } from '../test-scope';
import { createRecordActivities } from '.';

let database: TestDatabase;
let store: Store;
let sql: postgres.Sql;
let pruneRecords: ReturnType<typeof createRecordActivities>['pruneRecords'];

beforeEach(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url, maxConnections: 2 });
  sql = postgres(database.url, { max: 1 });
  await sql`
    insert into monitors (id, owner, name, query, condition, search, compare, notify)
    values ('mon_a', 'local', 'a', 'a', 'a', '{}', 'exact', 'always')`;
  ({ pruneRecords } = createRecordActivities({ store }));
});

afterEach(async () => {
  await Promise.all([store.close(), sql.end()]);
  await database.drop();
});

/** Rows in every table, of that age. */
async function fill(hours: number, count: number): Promise<void> {
  const at = sql`clock_timestamp() - make_interval(hours => ${hours})`;
  const rows = sql`generate_series(1, ${count}::integer) as number`;
  const id = sql`${hours}::text || '-' || number`;
  await sql`
    insert into chat_log (request_id, kind, owner, mode, success, attempts, latency_ms, latency_budget_ms, cost_usd,
      input_tokens, output_tokens, created_at)
    select ${id}, 'chat', 'local', 'normal', true, 1, 1, 1, 0, 1, 1, ${at} from ${rows}`;
  await sql`insert into chat_rewards select ${id}, 'm', 'small', 1, ${at} from ${rows}`;
  await sql`insert into chat_points select ${at}, 'm', 'p', 1, 0, 2, 0, null from ${rows}`;
  await sql`insert into events (type, at, data) select 'tick', ${at}, '1' from ${rows}`;
  await sql`
    insert into provider_calls (request_id, step, holder, lease_until, outcome, created_at)
    select ${id}, 1, 'h', ${at}, '1', ${at} from ${rows}`;
  await sql`
    insert into idempotency_keys (owner, path, key, body_sha256, request_id, expires_at)
    select 'local', '/', ${id}, 'a', 'r', ${at} from ${rows}`;
  await sql`
    insert into durable_runs (run_id, workflow_id, ordinal, workflow, owner, status, timeout_at, created_at, closed_at)
    select ${id}, ${id}, 1, 'chat', 'local', 'completed', 0, ${at} - interval '1 minute', ${at} from ${rows}`;
  await sql`
    insert into durable_entries (run_id, number, type, operation, name, at) select ${id}, 1, 't', 1, 'n', 0 from ${rows}`;
  await sql`
    insert into durable_messages (workflow_id, kind, name, sender_id, sent_at)
    select ${id}, 'signal', 'n', 's', 0 from ${rows}`;
  await sql`
    insert into monitor_executions (id, monitor_id, key, trigger, status, created_at, closed_at)
    select ${id}, 'mon_a', ${id}, 'schedule', 'success', ${at} - interval '1 minute', ${at} from ${rows}`;
  await sql`
    insert into notices (id, execution_id, monitor_id, owner, channel, address, payload, status, created_at)
    select ${id}, ${id}, 'none', 'local', 'email', 'a', '1', 'pending', ${at} from ${rows}`;
}

async function counts(): Promise<unknown> {
  const [row] = await sql<{ counts: unknown }[]>`
    select json_build_object('log', (select count(*) from chat_log), 'rewards', (select count(*) from chat_rewards),
      'points', (select count(*) from chat_points), 'events', (select count(*) from events),
      'calls', (select count(*) from provider_calls), 'keys', (select count(*) from idempotency_keys), 'runs', (select count(*) from durable_runs),
      'entries', (select count(*) from durable_entries), 'messages', (select count(*) from durable_messages), 'executions', (select count(*) from monitor_executions), 'notices', (select count(*) from notices)) as counts`;
  return row?.counts;
}

const journals = (count: number) => ({ runs: count, entries: count, messages: count });

test('each table keeps what is younger than its own time', async () => {
  await fill(1, 2);
  await fill(2 * 24, 3);
  await fill(8 * 24, 4);
  await fill(91 * 24, 5);
  expect(await pruneRecords({}, testScope())).toEqual({
    chatLog: 5,
    points: 9,
    events: 9,
    providerCalls: 12,
    idempotencyKeys: 14,
    journals: 9,
    executions: 5,
    notices: 12,
  });
  expect(await counts()).toEqual({
    log: 9,
    rewards: 9,
    points: 5,
    events: 5,
    calls: 2,
    keys: 0,
    ...journals(5),
    executions: 9,
    notices: 2,
  });
  await pruneRecords({ logDays: 7, pointDays: 1, eventDays: 1, journalDays: 1 }, testScope());
  expect(await counts()).toEqual({
    log: 5,
    rewards: 5,
    points: 2,
    events: 2,
    calls: 2,
    keys: 0,
    ...journals(2),
    executions: 5,
    notices: 2,
  });
});

test('many rows go in several transactions, with a heartbeat each; an abort ends it between two', async () => {
  await fill(100 * 24, 4_500);
  const controller = new AbortController();
  const reason = new Error('worker shuts down');
  const heartbeat = () => controller.abort(reason);
  await expect(pruneRecords({}, testScope({ signal: controller.signal, heartbeat }))).rejects.toBe(reason);
  expect(await counts()).toMatchObject({ log: 2_500, points: 4_500 });
  const scope = testScope();
  expect(await pruneRecords({}, scope)).toMatchObject({ chatLog: 2_500, points: 4_500, idempotencyKeys: 4_500 });
  expect(scope.beats).toHaveLength(1 + 6 * 2 + 9);
});
