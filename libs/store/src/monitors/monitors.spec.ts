import postgres from 'postgres';
import { openStore, type Store } from '../store';
import { createTestDatabase, type TestDatabase } from '../test-database';
import type { NewMonitor } from './monitors';

let database: TestDatabase;
let store: Store;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
  sql = postgres(database.url, { max: 2 });
});

afterAll(async () => {
  await Promise.all([store.close(), sql.end()]);
  await database.drop();
});

const monitor = (more: Partial<NewMonitor> = {}): NewMonitor => ({
  owner: 'local',
  name: 'Prices',
  query: 'What does the ticket cost?',
  condition: 'The ticket costs less than 50 €',
  search: { provider: 'http', urls: ['https://example.com/'], contains: 'ticket' },
  compare: 'exact',
  notify: 'track_state',
  email: null,
  webhookUrl: null,
  cron: '0 9 * * *',
  timezone: 'Europe/Berlin',
  jitterSeconds: 30,
  catchupSeconds: 3600,
  runImmediately: false,
  ...more,
});

interface ScheduleLine {
  readonly version: number;
  readonly runAt: Date | null;
  readonly paused: boolean;
  readonly deletedAt: Date | null;
  readonly cron: string | null;
  readonly input: string;
}

async function scheduleOf(id: string): Promise<ScheduleLine | undefined> {
  const [row] = await sql<ScheduleLine[]>`
    select version, run_at as "runAt", paused, deleted_at as "deletedAt", cron, input from schedules
    where id = ${`monitor/${id}`} and kind = 'monitor' and workflow = 'monitor' and queue = 'scheduled'`;
  return row;
}

const applied = (id: string) => sql`update schedules set applied_version = version where id = ${`monitor/${id}`}`;

test('a monitor is created with its schedule, and its secret is told once', async () => {
  const { monitor: made, webhookSecret } = await store.monitors.create(monitor({ webhookUrl: 'https://h.example/x' }));
  const { runImmediately: _said, ...said } = monitor({ webhookUrl: 'https://h.example/x' });
  expect(made).toMatchObject({ ...said, state: 'active', version: 1, failures: 0, lastStateHash: null });
  expect(webhookSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const schedule = await scheduleOf(made.id);
  expect(schedule).toMatchObject({ version: 1, runAt: null, paused: false, cron: '0 9 * * *' });
  expect(JSON.parse(schedule?.input ?? '')).toEqual({ monitorId: made.id });
  expect(await store.monitors.get(made.id)).toEqual({ ...made, applied: false });
  await applied(made.id);
  const shown = await store.monitors.get(made.id);
  expect(shown.applied).toBe(true);
  expect(JSON.stringify(shown)).not.toContain('whsec_');
});

test.each([
  [null, true, 0],
  [null, false, 86_400],
  ['0 9 * * *', true, 0],
] as const)(
  'with the cron %j and run_immediately %j the first run is in %d s',
  async (cron, runImmediately, seconds) => {
    const { monitor: made } = await store.monitors.create(monitor({ cron, runImmediately }));
    const schedule = await scheduleOf(made.id);
    expect([schedule?.cron, (schedule?.runAt?.getTime() ?? 0) - made.createdAt.getTime()]).toEqual([
      cron,
      expect.closeTo(seconds * 1000, -4),
    ]);
  },
);

test('a change takes what is named, under the version that was expected; of many at once one wins', async () => {
  const { monitor: made } = await store.monitors.create(monitor());
  const settled = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => store.monitors.update(made.id, { name: `Name ${index}` }, 1)),
  );
  const [winner, ...others] = settled.filter((each) => each.status === 'fulfilled');
  expect(others).toEqual([]);
  for (const each of settled.filter(({ status }) => status === 'rejected'))
    expect(each).toMatchObject({ reason: { code: 'monitor_changed', details: { version: 2 } } });
  const now = await store.monitors.get(made.id);
  expect(now).toMatchObject({ ...winner?.value.monitor, version: 2, cron: '0 9 * * *' });
  expect((await scheduleOf(made.id))?.version).toBe(1);
});

test('changes of different fields at the same time are all kept', async () => {
  const { monitor: made } = await store.monitors.create(monitor());
  const changes = [{ name: 'N' }, { jitterSeconds: 7 }, { cron: '5 * * * *' }, { email: 'a@b.example' }];
  await Promise.all(changes.map((change) => store.monitors.update(made.id, change)));
  expect(await store.monitors.get(made.id)).toMatchObject({ ...Object.assign({}, ...changes), version: 5 });
  expect(await scheduleOf(made.id)).toMatchObject({ version: 3, cron: '5 * * * *', runAt: null });
});

test('another question starts over, another name does not', async () => {
  const { monitor: made } = await store.monitors.create(monitor());
  await sql`update monitors set last_state = '{}', last_state_hash = 'abc', last_condition_met = true, failures = 2,
    failure_class = 'network' where id = ${made.id}`;
  const { monitor: renamed } = await store.monitors.update(made.id, { name: 'Other', search: made.search });
  expect(renamed).toMatchObject({ lastStateHash: 'abc', lastConditionMet: true, failures: 2 });
  const { monitor: asked } = await store.monitors.update(made.id, { query: 'What is the weather like?' });
  expect(asked).toMatchObject({ lastStateHash: null, lastConditionMet: null, failures: 0, failureClass: null });
});

test('a webhook keeps its secret until it is another one, or a new secret is asked for', async () => {
  const { monitor: made, webhookSecret } = await store.monitors.create(monitor({ webhookUrl: 'https://h.example/x' }));
  const update = (webhookUrl: string | null) => store.monitors.update(made.id, { webhookUrl });
  expect(await update('https://h.example/x')).not.toHaveProperty('webhookSecret');
  const other = await update('https://h.example/y');
  expect(other.webhookSecret).toMatch(/^whsec_/);
  expect(other.webhookSecret).not.toBe(webhookSecret);
  const rotated = await store.monitors.rotateSecret(made.id);
  expect(rotated).toMatchObject({ monitor: { version: 4 }, webhookSecret: expect.stringMatching(/^whsec_/) as string });
  expect((await update(null)).monitor.webhookUrl).toBeNull();
  await expect(store.monitors.rotateSecret(made.id)).rejects.toMatchObject({ code: 'not_supported' });
});

test('a next run that was named holds until the clock changes', async () => {
  const { monitor: made } = await store.monitors.create(monitor());
  const runAt = new Date(Date.now() + 60_000);
  const name = () => sql`update schedules set run_at = ${runAt} where id = ${`monitor/${made.id}`}`;
  await name();
  await store.monitors.update(made.id, { jitterSeconds: 60 });
  expect(await scheduleOf(made.id)).toMatchObject({ version: 2, runAt });
  await store.monitors.update(made.id, { timezone: 'UTC' });
  expect(await scheduleOf(made.id)).toMatchObject({ version: 3, runAt: null });
  await name();
  await store.monitors.update(made.id, { cron: null });
  expect((await scheduleOf(made.id))?.runAt?.getTime()).toBeLessThan(runAt.getTime());
});

test('a state is changed from the one that was seen; pause and resume are those of the schedule, too', async () => {
  const { monitor: made } = await store.monitors.create(monitor({ cron: null, runImmediately: true }));
  await store.monitors.setState(made.id, 'active', 'paused');
  const paused = await scheduleOf(made.id);
  expect(paused).toMatchObject({ paused: true, version: 2 });
  await expect(store.monitors.setState(made.id, 'active', 'paused')).rejects.toMatchObject({
    code: 'monitor_state_conflict',
    details: { state: 'paused' },
  });
  await store.monitors.update(made.id, { timezone: 'Asia/Tokyo' });
  expect(await scheduleOf(made.id)).toMatchObject({ paused: true, version: 3 });
  expect(await store.monitors.setState(made.id, 'paused', 'active')).toMatchObject({ state: 'active', version: 4 });
  const resumed = await scheduleOf(made.id);
  expect([resumed?.paused, (resumed?.runAt?.getTime() ?? 0) > (paused?.runAt?.getTime() ?? 0)]).toEqual([false, true]);
});

test('a completed monitor gets its schedule back when it is resumed, and not before', async () => {
  const { monitor: made } = await store.monitors.create(monitor());
  await sql`with m as (update monitors set state = 'completed' where id = ${made.id})
    update schedules set deleted_at = now(), version = version + 1 where id = ${`monitor/${made.id}`}`;
  await store.monitors.update(made.id, { cron: '1 1 * * *' });
  expect((await scheduleOf(made.id))?.deletedAt).not.toBeNull();
  await store.monitors.setState(made.id, 'completed', 'active');
  expect(await scheduleOf(made.id)).toMatchObject({ deletedAt: null, cron: '1 1 * * *', version: 3 });
  await sql`with m as (update monitors set state = 'completed' where id = ${made.id})
    delete from schedules where id = ${`monitor/${made.id}`}`;
  expect((await store.monitors.get(made.id)).applied).toBe(true);
  await store.monitors.setState(made.id, 'completed', 'active');
  expect(await scheduleOf(made.id)).toMatchObject({ deletedAt: null, version: 1 });
});

test('deleting marks the schedule, once', async () => {
  const { monitor: made } = await store.monitors.create(monitor());
  expect(await store.monitors.delete(made.id)).toBe(true);
  const marked = await scheduleOf(made.id);
  expect(marked).toMatchObject({ version: 2, deletedAt: expect.any(Date) as Date });
  expect(await store.monitors.delete(made.id)).toBe(false);
  expect(await scheduleOf(made.id)).toEqual(marked);
  await expect(store.monitors.get(made.id)).rejects.toMatchObject({ code: 'monitor_not_found' });
  for (const change of [
    () => store.monitors.update(made.id, { name: 'x' }),
    () => store.monitors.setState(made.id, 'active', 'paused'),
    () => store.monitors.rotateSecret(made.id),
  ])
    await expect(change()).rejects.toMatchObject({ code: 'monitor_not_found' });
});

test('the list is newest first, narrowed, and goes on where a page ended', async () => {
  const made: string[] = [];
  for (let index = 0; index < 5; index += 1)
    made.push((await store.monitors.create(monitor({ owner: 'ada', name: `${index}` }))).monitor.id);
  await store.monitors.setState(made[2] ?? '', 'active', 'paused');
  const all = await store.monitors.list({ owner: 'ada' }, 100);
  const age = ({ createdAt, id }: (typeof all)[number]) => `${createdAt.toISOString()} ${id}`;
  expect(all.map(({ id }) => id).toSorted()).toEqual(made.toSorted());
  expect(all.map(age)).toEqual(all.map(age).toSorted().toReversed());
  const rest = await store.monitors.list({ owner: 'ada', ...(all[1] && { after: all[1] }) }, 100);
  expect(rest).toEqual(all.slice(2));
  expect((await store.monitors.list({ owner: 'ada', state: 'paused' }, 100)).map(({ name }) => name)).toEqual(['2']);
});
