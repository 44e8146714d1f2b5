import postgres from 'postgres';
import { openStore, type Store } from '../store';
import { createTestDatabase, type TestDatabase } from '../test-database';
import { NOTICES_A_DAY, NOTICES_AN_HOUR, type NewNotice } from './notices';
import type { NoticeRow } from './row';

let database: TestDatabase;
let store: Store;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url, maxConnections: 20 });
  sql = postgres(database.url, { max: 1 });
});

afterAll(async () => {
  await Promise.all([store.close(), sql.end()]);
  await database.drop();
});

/** A monitor with a run that has ended, both of that name. */
async function run(name: string): Promise<void> {
  await sql`
    insert into monitors (id, owner, name, query, condition, search, compare, notify, email, webhook_url, webhook_secret)
    values (${name}, 'ada', 'Tickets', 'q', 'on sale', '{}', 'exact', 'always', 'ada@example.com',
      'https://hooks.example/a', 'whsec_1')`;
  await sql`
    insert into monitor_executions (id, monitor_id, key, trigger, status, summary, changed, condition_met, closed_at)
    values (${name}, ${name}, ${name}, 'schedule', 'success', 'They are.', true, true, clock_timestamp())`;
}

const notice = (executionId: string, more: Partial<NewNotice> = {}): NewNotice => ({
  executionId,
  monitorId: executionId,
  owner: `owner of ${executionId}`,
  channel: 'email',
  address: `${executionId}@example.com`,
  payload: (id) => ({ id, event: 'e' }),
  ...more,
});

const ofOneAddress = (index: number): Promise<NoticeRow> =>
  store.notices.open(notice(`hour-${index}`, { address: index % 2 ? 'one@example.com' : 'ONE@example.com' }));

const ofOneOwner = (index: number): Promise<NoticeRow> =>
  store.notices.open(notice(`day-${index}`, { owner: 'busy', address: `${index}@example.com` }));

const statuses = (rows: readonly NoticeRow[]): Readonly<Record<string, number>> => ({
  pending: rows.filter(({ status }) => status === 'pending').length,
  skipped: rows.filter(({ status }) => status === 'skipped').length,
});

test('a run says what there is to tell, and whom', async () => {
  await run('subject');
  expect(await store.notices.subject('subject')).toEqual({
    owner: 'ada',
    monitor: { id: 'subject', name: 'Tickets', condition: 'on sale', urls: [] },
    execution: {
      id: 'subject',
      summary: 'They are.',
      changed: true,
      conditionMet: true,
      closedAt: expect.any(Date) as Date,
    },
    addresses: [
      { channel: 'email', address: 'ada@example.com' },
      { channel: 'webhook', address: 'https://hooks.example/a' },
    ],
  });
  await sql`update monitors set email = null where id = 'subject'`;
  expect((await store.notices.subject('subject')).addresses.map(({ channel }) => channel)).toEqual(['webhook']);
  await expect(store.notices.subject('none')).rejects.toMatchObject({ code: 'execution_not_found' });
});

test('an execution has one notice a channel, however often and by however many it is opened', async () => {
  const opened = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      store.notices.open(notice('once', index % 2 ? {} : { channel: 'webhook', address: 'https://hooks.example/b' })),
    ),
  );
  expect(new Set(opened.map(({ id }) => id)).size).toBe(2);
  const [first] = opened;
  expect(first).toMatchObject({ channel: 'webhook', status: 'pending', attempts: 0, payload: { id: first?.id } });
  expect(first?.id).toMatch(/^ntc_[0-9a-z]{20}$/);
  expect(await store.notices.list({ executionId: 'once' }, 201)).toHaveLength(2);
  // Also by somebody who saw the monitor with another address.
  const again = await store.notices.open(notice('once', { address: 'other@example.com' }));
  expect(opened.map(({ id }) => id)).toContain(again.id);
});

test('of twenty at once to one address ten get through, the others are skipped and count for nothing', async () => {
  const rows = await Promise.all(Array.from({ length: 20 }, (_, index) => ofOneAddress(index)));
  expect(statuses(rows)).toEqual({ pending: NOTICES_AN_HOUR, skipped: 10 });
  const skipped = rows.find(({ status }) => status === 'skipped');
  expect(skipped).toMatchObject({ reason: 'the limit of 10 notices an hour for one address is reached' });
  expect(skipped?.closedAt).toBeInstanceOf(Date);
  // The same again is the same, also once the hour is over.
  await sql`update notices set created_at = created_at - interval '1 hour 1 second' where execution_id like 'hour-%'`;
  expect(await Promise.all(rows.map((_, index) => ofOneAddress(index)))).toEqual(
    rows.map((row) => ({ ...row, createdAt: new Date(row.createdAt.getTime() - 3_601_000) })),
  );
  expect(await ofOneAddress(20)).toMatchObject({ status: 'pending' });
});

test('of an owner a hundred get through in a day, exactly, also at once', async () => {
  const rows = await Promise.all(Array.from({ length: 120 }, (_, index) => ofOneOwner(index)));
  expect(statuses(rows)).toEqual({ pending: NOTICES_A_DAY, skipped: 20 });
  expect(rows.find(({ status }) => status === 'skipped')?.reason).toBe(
    'the limit of 100 notices a day for one owner is reached',
  );
  const own = await store.notices.open(notice('day-other', { owner: 'calm' }));
  expect(own.status).toBe('pending');
  await sql`update notices set created_at = created_at - interval '1 day 1 second' where execution_id like 'day-%'`;
  expect(await ofOneOwner(120)).toMatchObject({ status: 'pending' });
});

test('a try is noted before it is sent, its end afterwards; what is settled stays', async () => {
  await run('life');
  const { id } = await store.notices.open(notice('life', { channel: 'webhook', address: 'https://hooks.example/a' }));
  expect(await store.notices.begin(id)).toMatchObject({ status: 'pending', attempts: 1, secret: 'whsec_1' });
  await store.notices.finish(id, { status: 'failed', reason: 'busy', nextTryMs: 60_000 });
  const [waiting] = await store.notices.list({ monitorId: 'life' }, 1);
  expect(waiting).toMatchObject({ status: 'pending', attempts: 1, reason: 'busy', closedAt: null });
  expect(waiting?.nextAttemptAt?.getTime()).toBeGreaterThan(waiting?.createdAt.getTime() ?? Infinity);
  expect(waiting).not.toHaveProperty('secret');
  expect(await store.notices.begin(id)).toMatchObject({ attempts: 2, nextAttemptAt: null });
  await store.notices.finish(id, { status: 'delivered' });
  await store.notices.finish(id, { status: 'failed', reason: 'late' });
  expect(await store.notices.begin(id)).toMatchObject({ status: 'delivered', attempts: 2, reason: null, secret: null });
});

test('a notice whose monitor is gone is not sent', async () => {
  await run('gone');
  const { id } = await store.notices.open(notice('gone'));
  await sql`delete from monitors where id = 'gone'`;
  expect(await store.notices.begin(id)).toBeUndefined();
  expect(await store.notices.list({ monitorId: 'gone' }, 1)).toMatchObject([
    { status: 'failed', attempts: 0, reason: 'the monitor was deleted' },
  ]);
  expect(await store.notices.begin('ntc_none')).toBeUndefined();
});

test('a webhook that the monitor no longer has is not posted to, and nothing is signed for it', async () => {
  const hook = { channel: 'webhook', address: 'https://hooks.example/a' } as const;
  for (const [name, url, secret] of [
    ['moved', 'https://hooks.example/b', 'whsec_2'],
    ['removed', null, null],
  ] as const) {
    await run(name);
    const { id } = await store.notices.open(notice(name, hook));
    await sql`update monitors set webhook_url = ${url}, webhook_secret = ${secret} where id = ${name}`;
    const reason = 'the monitor has another webhook by now, or none';
    expect(await store.notices.begin(id)).toMatchObject({ status: 'failed', attempts: 0, secret: null, reason });
  }
});

test('the list is newest first and goes on where a page ended', async () => {
  for (let index = 0; index < 5; index += 1)
    await store.notices.open(
      notice(`list-${index}`, { monitorId: 'listed', owner: 'list', address: `${index}@l.example` }),
    );
  const all = await store.notices.list({ monitorId: 'listed' }, 10);
  expect(all).toHaveLength(5);
  expect(all.map(({ createdAt }) => createdAt.getTime())).toEqual(
    all.map(({ createdAt }) => createdAt.getTime()).toSorted((a, b) => b - a),
  );
  const first = all.slice(0, 2);
  const rest = await store.notices.list({ monitorId: 'listed', after: first.at(-1) }, 10);
  expect([...first, ...rest]).toEqual(all);
});

test('old ones are deleted, those without a monitor after two days', async () => {
  await run('kept');
  const ages = [
    ['kept', 1],
    ['kept', 40],
    ['orphan', 1],
    ['orphan', 3],
  ] as const;
  await sql`delete from notices`;
  for (const [monitorId, days] of ages) {
    const { id } = await store.notices.open(notice(`${monitorId}-${days}`, { monitorId }));
    await sql`update notices set created_at = clock_timestamp() - ${days} * interval '1 day' where id = ${id}`;
  }
  expect(await store.notices.prune(new Date(Date.now() - 30 * 86_400_000), 1)).toBe(1);
  expect(await store.notices.prune(new Date(Date.now() - 30 * 86_400_000), 10)).toBe(1);
  const left = await store.notices.list({}, 10);
  expect(left.map(({ executionId }) => executionId).toSorted()).toEqual(['kept-1', 'orphan-1']);
});
