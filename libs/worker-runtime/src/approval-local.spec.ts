import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createActivities } from '@fleet/activities';
import {
  createLocalExecutor,
  createMemoryStore,
  ManualClock,
  type JournalStore,
  type LocalExecutor,
} from '@fleet/durable-executor';
import { openPostgresStore } from '@fleet/durable-executor/postgres';
import { openStore, type Store } from '@fleet/store';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import type { ApprovalInput } from '@fleet/workflow-registry/messages';
import { approval, decide, DEFAULT_APPROVAL_MS } from '@fleet/workflows/portable';
import { openedBy, race, recordsOf, type ApprovalRunner } from './test-approval-race';

let database: TestDatabase;
let store: Store;
let executor: LocalExecutor;
const logged: object[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
  executor = startExecutor();
});

afterAll(async () => {
  await executor.close();
  await store.close();
  await database.drop();
});

function startExecutor(clock?: ManualClock, env: Record<string, string> = {}): LocalExecutor {
  const activities = createActivities({ store, env, log: (fields) => void logged.push(fields) });
  return createLocalExecutor({
    store: createMemoryStore(),
    workflows: [approval],
    activities,
    defaultTimeout: '1 h',
    ...(clock && { clock }),
  });
}

const request = (more: Partial<ApprovalInput> = {}): ApprovalInput => ({
  action: 'payments.refund',
  summary: 'Refund 12 €',
  payload: { amount: 12 },
  ...more,
});

describe('a decision', () => {
  it.each([
    ['approve', 'approved', {}],
    ['reject', 'rejected', { comment: 'too much' }],
    ['modify', 'modified', { value: { amount: 6 } }],
  ] as const)(
    '%s settles the request: the same in answer, result, row and audit log',
    async (decision, status, said) => {
      const handle = await executor.execute(approval, request(), { owner: 'carol' });
      const id = await openedBy(store, handle.id);
      expect(await store.approvals.get(id)).toMatchObject({ status: 'pending', owner: 'carol', workflowId: handle.id });
      const answer = await executor.update(handle.id, decide, { decision, by: 'ada', ...said });
      expect(answer).toEqual({ approvalId: id, status, via: 'human', by: 'ada', decidedAt: answer.decidedAt, ...said });
      expect(await handle.result()).toEqual(answer);
      expect(await recordsOf(store, [answer])).toEqual([{ row: answer, audit: [answer] }]);
    },
  );

  it('is refused when it comes second, naming the winner', async () => {
    const handle = await executor.execute(approval, request());
    await openedBy(store, handle.id);
    const [first, second] = await Promise.allSettled([
      executor.update(handle.id, decide, { decision: 'approve', by: 'ada' }),
      executor.update(handle.id, decide, { decision: 'reject', by: 'bob' }),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { failure: { type: 'approval_settled' } } });
    expect(String((second as PromiseRejectedResult).reason)).toContain('approved by ada');
  });

  it.each([
    ['approval', { decision: 'modify', by: 'ada' }, 'value'],
    ['input', { decision: 'approve', by: 'ada' }, 'value'],
    ['annotation', { decision: 'approve', by: 'ada' }, 'value'],
    ['feedback', { decision: 'approve', by: 'ada' }, 'comment'],
    ['approval', { decision: 'perhaps', by: 'ada' }, 'decision'],
  ] as const)('of a request for %s must fit: %j lacks %s', async (type, decision, _field) => {
    const handle = await executor.execute(approval, request({ type }));
    await expect(executor.update(handle.id, decide, decision as never)).rejects.toMatchObject({
      code: 'update_rejected',
      failure: { type: 'invalid_input' },
    });
    await executor.cancel(handle.id);
    await expect(handle.result()).rejects.toMatchObject({ ended: 'canceled' });
  });
});

/** Until it is written down and people are told: what is left is the wait. */
async function onlyWaiting(journal: JournalStore, runId: string): Promise<void> {
  const told = async () => (await journal.entries(runId)).filter(({ type }) => type === 'activity_completed').length;
  while ((await told()) < 2) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('without a decision', () => {
  it('times out after 5 minutes, and not before', async () => {
    const clock = new ManualClock();
    const timed = startExecutor(clock);
    const handle = await timed.execute(approval, request());
    const id = await openedBy(store, handle.id);
    // The row is there before the wait begins, from which the five minutes count.
    await onlyWaiting(timed.store as JournalStore, handle.runId);
    clock.advance(DEFAULT_APPROVAL_MS - 1000);
    expect((await store.approvals.get(id)).status).toBe('pending');
    clock.advance(1000);
    const outcome = await handle.result();
    expect(outcome).toMatchObject({ status: 'timed_out', via: 'timeout', by: 'timeout' });
    expect(await recordsOf(store, [outcome])).toEqual([{ row: outcome, audit: [outcome] }]);
    await timed.close();
  });

  it('waits an hour without an entry in its journal', async () => {
    const clock = new ManualClock();
    const patient = startExecutor(clock);
    const journal = patient.store as JournalStore;
    const handle = await patient.execute(approval, request({ timeoutMs: 2 * 3_600_000 }), { timeout: '3 h' });
    await openedBy(store, handle.id);
    await onlyWaiting(journal, handle.runId);
    const before = await journal.entries(handle.runId);
    clock.advance(3_600_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await journal.entries(handle.runId)).toEqual(before);
    expect(await patient.update(handle.id, decide, { decision: 'approve', by: 'ada' })).toMatchObject({
      status: 'approved',
    });
    await patient.close();
  });

  it('a cancelled request ends as cancelled, also in its row', async () => {
    const handle = await executor.execute(approval, request());
    const id = await openedBy(store, handle.id);
    await executor.cancel(handle.id, 'no longer needed');
    await expect(handle.result()).rejects.toMatchObject({ ended: 'canceled' });
    expect(await store.approvals.get(id)).toMatchObject({ status: 'canceled', outcome: { via: 'cancellation' } });
  });
});

describe('a webhook', () => {
  let server: Server;
  const hanging: unknown[] = [];
  beforeAll(async () => {
    server = createServer((_request, response) => void hanging.push(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('that never answers takes nobody time to decide, and the log has the request all the same', async () => {
    const slow = startExecutor(undefined, {
      FLEET_APPROVAL_WEBHOOK_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
      FLEET_APPROVAL_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    });
    const handle = await slow.execute(approval, request());
    const id = await openedBy(store, handle.id);
    while (hanging.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const answer = await slow.update(handle.id, decide, { decision: 'approve', by: 'ada' });
    expect(await handle.result()).toEqual(answer);
    expect(logged).toContainEqual(expect.objectContaining({ approval_id: id, summary: 'Refund 12 €' }));
    expect(JSON.stringify(logged)).not.toContain('amount');
    await slow.close();
  });
});

test('a rule of the policy settles it at once, and is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-policy-'));
  const file = join(folder, 'policy.json');
  const rules = [{ name: 'small refunds', action: 'payments.*', decision: 'approve', maxRisk: 'low' }];
  writeFileSync(file, JSON.stringify({ rules }));
  const ruled = startExecutor(undefined, { FLEET_APPROVAL_POLICY: file });
  const outcome = await (await ruled.execute(approval, request({ risk: 'low' }))).result();
  expect(outcome).toMatchObject({ status: 'approved', via: 'policy', by: 'small refunds' });
  expect(await recordsOf(store, [outcome])).toEqual([{ row: outcome, audit: [outcome] }]);
  await ruled.close();
  rmSync(folder, { recursive: true });
});

test('a pending request survives a restart: the process after decides it, and it was opened once', async () => {
  const open = () => {
    const activities = createActivities({ store, env: {} });
    return createLocalExecutor({ store: openPostgresStore({ url: database.url }), workflows: [approval], activities });
  };
  const before = open();
  const { id } = await before.execute(approval, request(), { timeout: '1 h' });
  const approvalId = await openedBy(store, id);
  await before.close();
  expect((await store.approvals.get(approvalId)).status).toBe('pending');
  const after = open();
  await after.resume();
  const answer = await after.update(id, decide, { decision: 'reject', by: 'bob' });
  expect(answer).toMatchObject({ approvalId, status: 'rejected' });
  expect(await (await after.getHandle(approval, id)).result()).toEqual(answer);
  expect(await store.approvals.list({ workflowId: id }, 10)).toHaveLength(1);
  await after.close();
});

test('300 requests met by approve, reject and time-out within 50 ms: one decision each, the same everywhere', async () => {
  const runner: ApprovalRunner = {
    start: (input, id) => executor.execute(approval, input, { id }),
    decide: (id, decision) => executor.update(id, decide, decision),
    result: async (id) => (await executor.getHandle(approval, id)).result(),
  };
  const { outcomes, accepted, refused } = await race(runner, store, { count: 300, withinMs: 50, timeoutMs: 4000 });
  const count = (status: string): number => outcomes.filter((outcome) => outcome.status === status).length;
  const human = count('approved') + count('rejected');
  expect([accepted, refused.length, human + count('timed_out')]).toEqual([human, 600 - human, 300]);
  expect([human > 0, count('timed_out') > 0]).toEqual([true, true]);
  expect(await recordsOf(store, outcomes)).toEqual(outcomes.map((outcome) => ({ row: outcome, audit: [outcome] })));
});
