import { Client, Connection, type ScheduleOptions } from '@temporalio/client';
import { toCursor } from '../cursor';
import type { FleetClient } from '../fleet-client';
import { openFleetClient } from '../open';
import { createTestNamespace, type TestNamespace } from '../test-namespace';
import { NIGHTLY } from '../test-support/nightly';
import { cronOf } from './calendar';
import type { ScheduleSummary } from './fleet-admin';

type Others = Partial<Omit<ScheduleOptions, 'scheduleId'>>;

let place: TestNamespace;
let client: FleetClient;
let raw: Client;

beforeAll(async () => {
  place = await createTestNamespace();
  client = openFleetClient({ env: place.env, deadlineMs: 20_000 });
  raw = new Client({ connection: Connection.lazy({ address: place.address }), namespace: place.namespace });
});

afterAll(async () => {
  await client.close();
  await raw.connection.close();
});

/** A schedule as any other tool makes it. */
async function make(id: string, spec: ScheduleOptions['spec'], more: Others = {}): Promise<void> {
  const action = { type: 'startWorkflow', workflowType: 'theirs', taskQueue: 'theirs', workflowId: id } as const;
  await raw.schedule.create({ scheduleId: id, spec, action, ...more });
}

async function all(limit?: number): Promise<ScheduleSummary[]> {
  const found: ScheduleSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.admin.schedules({ ...(limit && { limit }), ...(cursor && { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(limit ?? 50);
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return found;
}

async function until(holds: (found: readonly ScheduleSummary[]) => boolean): Promise<ScheduleSummary[]> {
  for (;;) {
    const found = await all();
    if (holds(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

it('is empty where there is none', async () => {
  expect(await client.admin.schedules()).toEqual({ items: [] });
});

it('shows when each is due, whoever made it', async () => {
  await client.putSchedule({ ...NIGHTLY, id: 'ours' });
  await make('office', {
    cronExpressions: ['*/5 9-17 * * MON-FRI', '0 0 1,15 * *'],
    timezone: 'Europe/Berlin',
    jitter: '30s',
  });
  const endAt = new Date(Date.now() + 86_400_000);
  await make('beat', { intervals: [{ every: '2h', offset: '90s' }], endAt });
  await make('but', { calendars: [{ hour: 3 }], skip: [{ month: 'DECEMBER', dayOfMonth: 25 }] });
  const held = { state: { paused: true, note: 'until Monday' }, memo: { fleetCreatedAt: 7 } };
  await make('held', { cronExpressions: ['CRON_TZ=America/New_York 0 12 * * *'] }, held);
  const found = await until(({ length }) => length === 5);
  const byId = (id: string): ScheduleSummary | undefined => found.find((one) => one.id === id);

  const utc = { intervals: [], except: [], timeZone: 'UTC', jitterSeconds: 0 };
  expect(byId('ours')).toMatchObject({ workflowType: 'dailyMaintenance', paused: false, recentActions: [] });
  expect(byId('ours')?.times).toEqual({ ...utc, cron: ['0 2 * * *'] });
  expect(byId('ours')?.fleet).toBe(NIGHTLY.fleet);
  expect(byId('ours')?.nextRuns).toHaveLength(5);
  expect(byId('ours')?.nextRuns[0]).toEqual((await client.describeSchedule('ours')).nextRuns[0]);
  expect(Date.now() - (byId('ours')?.createdAt?.getTime() ?? 0)).toBeLessThan(60_000);

  const office = { cron: ['*/5 9-17 * * 1-5', '0 0 1,15 * *'], timeZone: 'Europe/Berlin', jitterSeconds: 30 };
  expect(byId('office')?.times).toEqual({ ...utc, ...office });
  expect(byId('office')).toMatchObject({ workflowType: 'theirs' });
  expect(byId('office')).not.toHaveProperty('createdAt');
  expect(byId('office')).not.toHaveProperty('fleet');
  expect(byId('beat')?.times).toMatchObject({ cron: [], intervals: [{ everySeconds: 7200, offsetSeconds: 90 }] });
  expect(byId('beat')?.times.endsAt).toEqual(endAt);
  expect(byId('but')?.times).toEqual({ ...utc, cron: ['0 3 * * *'], except: ['0 0 25 12 *'] });
  expect(byId('held')).toMatchObject({ paused: true, note: 'until Monday', nextRuns: [] });
  expect(byId('held')?.times.timeZone).toBe('America/New_York');
  expect(byId('held')).not.toHaveProperty('createdAt');
});

it('shows what ran', async () => {
  const { id, runId } = await client.triggerSchedule('ours');
  const found = await until((now) => now.some(({ recentActions }) => recentActions.length > 0));
  const ours = found.find((one) => one.id === 'ours');
  expect(ours?.recentActions).toMatchObject([{ id, runId }]);
  expect(Date.now() - (ours?.recentActions[0]?.startedAt.getTime() ?? 0)).toBeLessThan(60_000);
});

it.each([1, 2, 3, 5, 200])('has each once, in pages of %i', async (limit) => {
  expect((await all(limit)).map(({ id }) => id).toSorted()).toEqual(['beat', 'but', 'held', 'office', 'ours']);
});

it.each([
  [{ limit: 0 }, 'limit'],
  [{ limit: 201 }, 'limit'],
  [{ limit: 1.5 }, 'limit'],
  [{ cursor: 'nonsense' }, 'cursor'],
  [{ cursor: toCursor('others', 'AAAA') }, 'cursor'],
  // Well made, but no server gave it.
  [{ cursor: toCursor('schedules', 'AAAA') }, 'cursor'],
])('refuses %j', async (query, field) => {
  await expect(client.admin.schedules(query)).rejects.toMatchObject({ code: 'invalid_input', fields: [{ field }] });
});

it('says that the server is away when it is', async () => {
  const away = openFleetClient({ env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
  await expect(away.admin.schedules()).rejects.toMatchObject({ code: 'temporal_unavailable' });
  await away.close();
});

it('writes seconds and years only where they say something', () => {
  const daily = { minute: [{}], dayOfMonth: [{ start: 1, end: 31 }], month: [{ start: 1, end: 12 }] };
  const week = { dayOfWeek: [{ end: 6 }] };
  expect(cronOf({ second: [{}], hour: [{ start: 4 }], ...daily, ...week })).toBe('0 4 * * *');
  expect(cronOf({ second: [{}], hour: [{ start: 4 }], ...daily, ...week, year: [{ start: 2030 }] })).toBe(
    '0 4 * * * 2030',
  );
  expect(cronOf({ second: [{ start: 5, end: 5 }], hour: [{ end: 23, step: 6 }], ...daily, ...week })).toBe(
    '5 0 */6 * * * *',
  );
});
