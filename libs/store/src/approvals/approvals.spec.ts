import postgres from 'postgres';
import { openStore, type Store } from '../store';
import { createTestDatabase, type TestDatabase } from '../test-database';
import type { ApprovalRow, NewApproval, SettledOutcome } from './row';

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
});

afterAll(async () => {
  await store.close();
  await database.drop();
});

const request = (key: string, more: Partial<NewApproval> = {}): NewApproval => ({
  key,
  workflowId: 'order-1',
  runId: 'run-1',
  owner: 'local',
  type: 'approval',
  action: 'payments.refund',
  summary: 'Refund 12 €',
  payload: { amount: 12, currency: 'EUR' },
  timeoutMs: 60_000,
  ...more,
});

const outcome = (by: string, more: Partial<SettledOutcome> = {}): SettledOutcome => ({
  status: 'approved',
  by,
  decidedAt: 1_700_000_000_123,
  ...more,
});

test('a request is opened once for a key, with one line of the audit log', async () => {
  const opened = await Promise.all(Array.from({ length: 10 }, () => store.approvals.open(request('once'))));
  expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
  const [row] = opened;
  expect(row).toMatchObject({ status: 'pending', outcome: null, closedAt: null, payload: { amount: 12 }, risk: null });
  expect(row?.id).toMatch(/^apr_[0-9a-z]{20}$/);
  expect((row?.expiresAt.getTime() ?? 0) - (row?.createdAt.getTime() ?? 0)).toBe(60_000);
  expect(await store.approvals.audit(row?.id ?? '')).toMatchObject([
    { event: 'requested', actor: 'local', status: 'pending', detail: { action: 'payments.refund' } },
  ]);
});

test('of twenty outcomes at once one is written, the same in row and audit log; the others are told whose it was', async () => {
  const { id } = await store.approvals.open(request('race'));
  const settled = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => store.approvals.settle(id, outcome(`person-${index}`))),
  );
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const row = await store.approvals.get(id);
  const [, line, ...more] = await store.approvals.audit(id);
  expect(more).toEqual([]);
  expect(line).toMatchObject({ event: 'settled', actor: row.outcome?.by, status: row.status, detail: row.outcome });
  for (const result of settled.filter((each) => each.status === 'rejected'))
    expect(result.reason).toMatchObject({ code: 'approval_settled', details: { id, by: row.outcome?.by } });
});

test('the same outcome again changes nothing, also at the same time', async () => {
  const { id } = await store.approvals.open(request('again'));
  const rows = await Promise.all(Array.from({ length: 8 }, () => store.approvals.settle(id, outcome('ada'))));
  expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(1);
  expect(rows[0]).toMatchObject({ status: 'approved', closedAt: new Date(1_700_000_000_123) });
  expect(await store.approvals.audit(id)).toHaveLength(2);
});

test('an unknown one is not found', async () => {
  await expect(store.approvals.get('apr_none')).rejects.toMatchObject({ code: 'approval_not_found' });
  await expect(store.approvals.settle('apr_none', outcome('ada'))).rejects.toMatchObject({
    code: 'approval_not_found',
  });
});

const age = (row: ApprovalRow) => `${row.createdAt.toISOString()} ${row.id}`;

test('the list is newest first, of one millisecond by id, narrowed, and goes on where a page ended', async () => {
  const opened: ApprovalRow[] = [];
  for (let index = 0; index < 5; index += 1)
    opened.push(await store.approvals.open(request(`list-${index}`, { workflowId: 'listed', owner: 'ada' })));
  const ids = opened.toSorted((a, b) => (age(a) < age(b) ? 1 : -1)).map(({ id }) => id);
  await store.approvals.settle(ids[4] ?? '', outcome('ada'));
  const first = await store.approvals.list({ workflowId: 'listed' }, 3);
  const last = first.at(-1);
  expect(first.map(({ id }) => id)).toEqual(ids.slice(0, 3));
  const rest = await store.approvals.list({ workflowId: 'listed', ...(last && { after: last }) }, 3);
  expect(rest.map(({ id }) => id)).toEqual(ids.slice(3));
  expect(await store.approvals.list({ workflowId: 'listed', status: 'pending', owner: 'ada' }, 50)).toHaveLength(4);
  expect(await store.approvals.list({ workflowId: 'listed', type: 'input' }, 50)).toEqual([]);
});

test('the open ones are listed with what this database knows of their runs', async () => {
  const sql = postgres(database.url, { max: 1 });
  for (const status of ['running', 'terminated']) {
    await store.approvals.open(
      request(`pending-${status}`, { runId: `run-${status}`, workflowId: `pending-${status}` }),
    );
    await sql`insert into durable_runs (run_id, workflow_id, ordinal, workflow, owner, status, timeout_at)
      values (${`run-${status}`}, ${`pending-${status}`}, 1, 'approval', 'local', ${status}, 0)`;
  }
  await sql.end();
  const settled = await store.approvals.open(request('no-longer-open', { workflowId: 'settled' }));
  await store.approvals.settle(settled.id, outcome('ada'));
  const all = await store.approvals.listPending(undefined, 201);
  const statuses = new Map(all.map(({ approval, localStatus }) => [approval.workflowId, localStatus]));
  expect([statuses.get('pending-running'), statuses.get('pending-terminated')]).toEqual(['running', 'terminated']);
  expect([statuses.has('settled'), statuses.get('listed')]).toEqual([false, null]);
  const second = await store.approvals.listPending(all[0]?.approval, 201);
  expect(second.map(({ approval }) => approval.id)).toEqual(all.slice(1).map(({ approval }) => approval.id));
});

test('the audit log takes no second settlement, whatever a program does', async () => {
  const { id } = await store.approvals.open(request('constraint'));
  await store.approvals.settle(id, outcome('ada'));
  const sql = postgres(database.url, { max: 1 });
  const again = sql`insert into approval_audit (approval_id, event, actor, status, detail)
    values (${id}, 'settled', 'eve', 'rejected', '{}')`;
  await expect(again).rejects.toMatchObject({ code: '23505' });
  await sql.end();
});
