import { Client, Connection } from '@temporalio/client';
import { toCursor } from '../cursor';
import type { FleetClient } from '../fleet-client';
import { openFleetClient } from '../open';
import { createTestNamespace } from '../test-namespace';
import type { Execution, ExecutionQuery } from './fleet-admin';

let client: FleetClient;
let raw: Client;
const ids = Array.from({ length: 7 }, (_, index) => `mine-${index}`);

beforeAll(async () => {
  const place = await createTestNamespace();
  client = openFleetClient({ env: place.env, deadlineMs: 20_000 });
  raw = new Client({ connection: Connection.lazy({ address: place.address }), namespace: place.namespace });
});

afterAll(async () => {
  await client.close();
  await raw.connection.close();
});

async function every(query: ExecutionQuery): Promise<Execution[]> {
  const found: Execution[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.admin.executions({ ...query, ...(cursor && { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(query.limit ?? 50);
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return found;
}

async function untilThere(count: number, query: ExecutionQuery = {}): Promise<void> {
  while ((await every(query)).length !== count) await new Promise((resolve) => setTimeout(resolve, 50));
}

const idsOf = (found: readonly Execution[]): string[] => found.map(({ id }) => id).toSorted();

it('is empty where nothing was started', async () => {
  expect(await client.admin.executions()).toEqual({ items: [] });
});

it('has every workflow, ours and those of others, with what the server says of each', async () => {
  for (const id of ids) await client.start('probeSteps', {}, { id });
  const theirs = { taskQueue: 'theirs', workflowId: "it's theirs" };
  const { firstExecutionRunId } = await raw.workflow.start("their's", { ...theirs, startDelay: '1h' });
  await untilThere(8);
  const other = (await every({})).find(({ id }) => id === "it's theirs");
  expect(other).toMatchObject({
    runId: firstExecutionRunId,
    workflowType: "their's",
    status: 'running',
    queue: 'theirs',
  });
  expect(other).not.toHaveProperty('closedAt');
  expect(Date.now() - (other?.startedAt.getTime() ?? 0)).toBeLessThan(60_000);
  const delay = (other?.executionAt?.getTime() ?? 0) - (other?.startedAt.getTime() ?? 0);
  expect(Math.round(delay / 60_000)).toBe(60);
});

it.each([1, 2, 3, 8, 200])('has each once, in pages of %i', async (limit) => {
  expect(idsOf(await every({ limit }))).toEqual(["it's theirs", ...ids]);
});

it('filters by status and type, whatever the name holds', async () => {
  await client.terminate('mine-3');
  await untilThere(1, { status: 'terminated' });
  const [ended] = await every({ status: 'terminated', workflowType: 'probeSteps' });
  expect(ended).toMatchObject({ id: 'mine-3', status: 'terminated' });
  expect(ended?.closedAt?.getTime()).toBeGreaterThanOrEqual(ended?.startedAt.getTime() ?? Infinity);
  expect(idsOf(await every({ workflowType: "their's" }))).toEqual(["it's theirs"]);
  expect(idsOf(await every({ status: 'running', workflowType: 'probeSteps', limit: 2 }))).toEqual(
    ids.filter((id) => id !== 'mine-3'),
  );
  expect(await every({ workflowType: "x' OR WorkflowType != '" })).toEqual([]);
  expect(await every({ status: 'failed' })).toEqual([]);
});

it('keeps its window while pages are turned, and looks back only so far', async () => {
  const first = await client.admin.executions({ limit: 3 });
  const second = await client.admin.executions({ limit: 3, cursor: first.nextCursor ?? '' });
  expect(since(second.nextCursor ?? '')).toBe(since(first.nextCursor ?? ''));
  const day = 86_400_000;
  expect(Math.abs(Date.now() - day - Date.parse(since(first.nextCursor ?? '')))).toBeLessThan(60_000);
  const later = new Date(Date.now() + day).toISOString();
  const none = toCursor([24, []], { since: later, token: positionIn(first.nextCursor ?? '').token });
  expect((await client.admin.executions({ cursor: none })).items).toEqual([]);
});

it.each([
  [{ hours: 0 }, 'hours'],
  [{ hours: 169 }, 'hours'],
  [{ limit: 201 }, 'limit'],
  [{ status: "running' OR '1'='1" as 'running' }, 'status'],
  [{ cursor: 'nonsense' }, 'cursor'],
  [{ cursor: toCursor([24, []], { since: 'yesterday', token: 'AAAA' }) }, 'cursor'],
  // Well made, but no server gave it.
  [{ cursor: toCursor([24, []], { since: new Date(0).toISOString(), token: 'AAAA' }) }, 'cursor'],
])('refuses %j', async (query, field) => {
  await expect(client.admin.executions(query)).rejects.toMatchObject({ code: 'invalid_input', fields: [{ field }] });
});

it('refuses a cursor of another question', async () => {
  const { nextCursor = '' } = await client.admin.executions({ limit: 1 });
  for (const query of [{ status: 'running' as const }, { hours: 1 }, { workflowType: 'probeSteps' }])
    await expect(client.admin.executions({ ...query, cursor: nextCursor })).rejects.toMatchObject({
      code: 'invalid_input',
    });
});

function positionIn(cursor: string): { readonly since: string; readonly token: string } {
  return (JSON.parse(Buffer.from(cursor, 'base64url').toString()) as { at: { since: string; token: string } }).at;
}

function since(cursor: string): string {
  return positionIn(cursor).since;
}
