import { FleetError } from '@fleet/errors';
import { openStore, type Store } from '@fleet/store';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import postgres from 'postgres';
import { testScope } from '../test-scope';
import { createNoticeActivities, type NoticeDependencies } from '.';

let database: TestDatabase;
let store: Store;
let sql: postgres.Sql;
/** What was sent, by notice id. */
let sent: string[];
/** What the next sendings fail with. */
let failures: unknown[];

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
  sql = postgres(database.url, { max: 1 });
});
beforeEach(() => {
  sent = [];
  failures = [];
});
afterAll(async () => {
  await Promise.all([store.close(), sql.end()]);
  await database.drop();
});

function deliver(id: string): void {
  sent.push(id);
  const failure = failures.shift();
  if (failure !== undefined) throw failure;
}

const activities = (from: Pick<Store, 'notices'> = store, more: Partial<NoticeDependencies> = {}) =>
  createNoticeActivities({
    store: from,
    sendMail: async ({ messageId }) => deliver(messageId.slice(1, -'@fleet>'.length)),
    postWebhook: async ({ payload }) => deliver(payload.id),
    ...more,
  });

async function addRun(name: string): Promise<string> {
  await sql`
    insert into monitors (id, owner, name, query, condition, search, compare, notify, email, webhook_url, webhook_secret)
    values (${name}, ${name}, 'Tickets', 'q', 'on sale', '{}', 'exact', 'always', ${`${name}@example.com`},
      ${`https://hooks.example/${name}`}, 's')`;
  await sql`
    insert into monitor_executions (id, monitor_id, key, trigger, status, closed_at)
    values (${name}, ${name}, ${name}, 'schedule', 'success', clock_timestamp())`;
  return name;
}

async function rowOf(executionId: string) {
  const rows = await store.notices.list({ executionId }, 2);
  return rows.find(({ channel }) => channel === 'webhook');
}

async function webhookOf(name: string): Promise<string> {
  const { notices } = await activities().notifyMonitor({ executionId: await addRun(name) }, testScope());
  return notices.find(({ channel }) => channel === 'webhook')?.noticeId ?? '';
}

test('an execution is told of once a channel; again gives the same notices', async () => {
  const executionId = await addRun('once');
  const { notifyMonitor } = activities();
  const opened = await Promise.all(Array.from({ length: 5 }, () => notifyMonitor({ executionId }, testScope())));
  expect(opened[0]?.notices.map(({ channel }) => channel)).toEqual(['email', 'webhook']);
  expect(new Set(opened.map((each) => JSON.stringify(each))).size).toBe(1);
  await expect(notifyMonitor({ executionId: 'none' }, testScope())).rejects.toMatchObject({
    code: 'execution_not_found',
  });
});

test('what is over the limit is said to be skipped, with the reason, and the other channel is not', async () => {
  const executionId = await addRun('limited');
  for (let index = 0; index < 10; index += 1)
    await store.notices.open({
      executionId: `limited-${index}`,
      monitorId: 'limited',
      owner: 'other',
      channel: 'email',
      address: 'limited@example.com',
      payload: () => ({}),
    });
  expect(await activities().notifyMonitor({ executionId }, testScope())).toEqual({
    notices: [{ noticeId: expect.any(String) as string, channel: 'webhook' }],
    skipped: [{ channel: 'email', reason: 'the limit of 10 notices an hour for one address is reached' }],
  });
});

test.each([
  [new FleetError('webhook_refused', { url: 'u', status: 500 }), true],
  [new FleetError('fetch_timed_out', { url: 'u', limit: 1 }), true],
  [new FleetError('too_many_redirects', { url: 'u', limit: 0 }), true],
  [new FleetError('webhook_gone', { url: 'u' }), false],
  [new FleetError('url_refused', { field: 'f', reason: 'r', got: 'g' }), false],
])('%s is a result, and tried again: %s', async (failure, retryable) => {
  const noticeId = await webhookOf(`result-${failure.code}`);
  failures.push(failure);
  const outcome = await activities().sendNotice({ noticeId, nextTryMs: 60_000 }, testScope());
  const reason = `${failure.code}: ${failure.message}`;
  expect(outcome).toEqual({ status: 'failed', attempts: 1, reason, retryable });
  expect(await rowOf(`result-${failure.code}`)).toMatchObject({ status: retryable ? 'pending' : 'failed', reason });
});

test('the text of an error that is none of ours goes nowhere', async () => {
  const noticeId = await webhookOf('odd');
  failures.push(new Error('password of the operator'));
  const outcome = await activities().sendNotice({ noticeId }, testScope());
  expect(outcome).toEqual({ status: 'failed', attempts: 1, reason: 'an unexpected error', retryable: true });
});

test('a store that goes away between the sending and its record costs no second sending', async () => {
  const noticeId = await webhookOf('lost');
  const scope = testScope();
  const broken = {
    notices: {
      ...store.notices,
      finish: async () => {
        throw new FleetError('store_unavailable');
      },
    },
  };
  await expect(activities(broken).sendNotice({ noticeId }, scope)).rejects.toMatchObject({ code: 'store_unavailable' });
  const later = testScope({ attempt: 2, lastHeartbeat: scope.beats.at(-1) });
  expect(await activities().sendNotice({ noticeId }, later)).toMatchObject({ status: 'delivered', attempts: 1 });
  expect(sent).toEqual([noticeId]);
  expect(await rowOf('lost')).toMatchObject({ status: 'delivered', attempts: 1 });
});

test('one whose monitor was deleted is gone, and not sent', async () => {
  const noticeId = await webhookOf('deleted');
  await sql`delete from monitors where id = 'deleted'`;
  expect(await activities().sendNotice({ noticeId }, testScope())).toMatchObject({ status: 'gone' });
  expect(sent).toEqual([]);
});

test('a worker that shuts down is not the receiver’s failure', async () => {
  const noticeId = await webhookOf('shutdown');
  const controller = new AbortController();
  const reason = new Error('worker shuts down');
  const postWebhook = async (): Promise<never> => {
    controller.abort(reason);
    throw new FleetError('fetch_failed', { url: 'u', reason: 'r' });
  };
  const { sendNotice } = activities(store, { postWebhook });
  await expect(sendNotice({ noticeId }, testScope({ signal: controller.signal }))).rejects.toBe(reason);
  expect(await rowOf('shutdown')).toMatchObject({ status: 'pending', attempts: 1, reason: null });
});
