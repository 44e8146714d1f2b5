import { toCursor } from './cursor';
import type { FleetClient, JobSummary, ListQuery } from './fleet-client';
import { quoted } from './jobs/list';
import { openFleetClient } from './open';
import { createTestNamespace } from './test-namespace';

let client: FleetClient;
const ids: string[] = [];

beforeAll(async () => {
  client = openFleetClient({ env: (await createTestNamespace()).env, deadlineMs: 20_000 });
  for (let index = 0; index < 14; index++) {
    const id = `job-${index}`;
    // Uneven, so that pages end in the middle of both lists.
    if (index % 3 === 0) await client.start('probeSteps', {}, { id, queue: index < 7 ? 'high' : 'standard' });
    else await client.start('probe', {}, { id });
    ids.unshift(id);
  }
  await until(async () => (await client.list()).items.length === 14);
});

afterAll(() => client.close());

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function every(query: ListQuery): Promise<JobSummary[]> {
  const all: JobSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.list({ ...query, ...(cursor !== undefined && { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(query.limit ?? 50);
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return all;
}

it.each([1, 2, 3, 5, 13, 14, 200])('has both kinds once, newest first, in pages of %i', async (limit) => {
  expect((await every({ limit })).map(({ id }) => id)).toEqual(ids);
});

it('does not repeat or lose what is there when new ones start between two pages', async () => {
  const first = await client.list({ limit: 5 });
  await client.start('probe', {}, { id: 'late' });
  await until(async () => (await client.list({ limit: 1 })).items[0]?.id === 'late');
  const rest = await every({ limit: 5, cursor: first.nextCursor ?? '' });
  expect([...first.items, ...rest].map(({ id }) => id)).toEqual(ids);
  await client.terminate('late');
  await until(async () => (await client.list({ status: 'terminated' })).items.length === 1);
});

it('puts closed ones after running ones', async () => {
  expect((await every({ limit: 4 })).map(({ id }) => id)).toEqual([...ids, 'late']);
});

it('filters by workflow, queue and status', async () => {
  const workflows = ids.filter((id) => Number(id.slice(4)) % 3 === 0);
  expect((await every({ workflow: 'probeSteps', limit: 2 })).map(({ id }) => id)).toEqual(workflows);
  expect((await every({ workflow: 'probe', status: 'running' })).every(({ kind }) => kind === 'job')).toBe(true);
  expect((await every({ queue: 'high' })).map(({ id }) => id)).toEqual(['job-6', 'job-3', 'job-0']);
  expect(await every({ status: 'terminated' })).toMatchObject([{ id: 'late', kind: 'job', status: 'terminated' }]);
  for (const status of ['completed', 'failed', 'canceled', 'timed_out', 'continued_as_new', 'paused'] as const)
    expect(await every({ status })).toEqual([]);
});

it('refuses names that do not exist, whatever they try', async () => {
  const attempts: [ListQuery, string][] = [
    [{ workflow: "x' OR WorkflowType != '" }, 'unknown_workflow'],
    [{ queue: "high' OR TaskQueue = 'standard" }, 'unknown_queue'],
    [{ status: "running' OR '1'='1" as 'running' }, 'invalid_input'],
    [{ limit: 0 }, 'invalid_input'],
    [{ limit: 201 }, 'invalid_input'],
    [{ cursor: 'nonsense' }, 'invalid_input'],
    [{ cursor: Buffer.from('{"a":1}').toString('base64url') }, 'invalid_input'],
  ];
  for (const [query, code] of attempts) await expect(client.list(query)).rejects.toMatchObject({ code });
});

it('refuses a cursor that the server did not make, or made for another question', async () => {
  const page = await client.list({ workflow: 'probeSteps', limit: 2 });
  const cursor = page.nextCursor ?? '';
  const filters = { workflow: '', job: '' };
  const token = Buffer.from('AAAA').toString('base64');
  const attempts: ListQuery[] = [
    { cursor },
    { workflow: 'probe', cursor },
    { workflow: 'probeSteps', status: 'running', cursor },
    { workflow: 'probeSteps', cursor: cursor.slice(0, -4) },
    { cursor: Buffer.from('{"workflow":"AAAA","job":null}').toString('base64url') },
    // Well made, but no server gave it.
    { cursor: toCursor(filters, { workflow: token, job: null }) },
    { cursor: toCursor(filters, { workflow: null, job: token }) },
  ];
  for (const query of attempts)
    await expect(client.list(query)).rejects.toMatchObject({ code: 'invalid_input', fields: [{ field: 'cursor' }] });
});

it('refuses such a cursor of a history too', async () => {
  const first = await client.history('job-0', { limit: 1 });
  const { runId } = await client.describe('job-0');
  for (const [id, cursor] of [
    ['job-3', first.nextCursor ?? ''],
    ['job-0', Buffer.from(JSON.stringify({ runId, token: 'AAAA', open: {} })).toString('base64url')],
    ['job-0', toCursor('job-0', { runId, token: 'AAAA', open: {} })],
  ] as const)
    await expect(client.history(id, { cursor })).rejects.toMatchObject({
      code: 'invalid_input',
      fields: [{ field: 'cursor' }],
    });
});

it('still says that the server is away when it is, cursor or not', async () => {
  const away = openFleetClient({ env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
  const cursor = toCursor({ workflow: '', job: '' }, { workflow: 'AAAA', job: null });
  await expect(away.list({ cursor })).rejects.toMatchObject({ code: 'temporal_unavailable' });
  await away.close();
});

it('quotes values', () => {
  expect(quoted("it's \\ here")).toBe("'it''s \\\\ here'");
});
