import { createActivities } from '@fleet/activities';
import { createLocalExecutor, type LocalExecutor } from '@fleet/durable-executor';
import { openPostgresStore } from '@fleet/durable-executor/postgres';
import { approval } from '@fleet/workflows/portable';
import { openedBy } from './test-approval-race';
import { startTestFleet, type TestFleet } from './test-fleet';

const DAY_MS = 86_400_000;

let fleet: TestFleet;
let local: LocalExecutor;
let journal: ReturnType<typeof openPostgresStore>;

beforeAll(async () => {
  fleet = await startTestFleet(['standard', 'background', 'scheduled']);
  journal = openPostgresStore({ url: fleet.parts.config.databaseUrl });
  const activities = createActivities({ store: fleet.store, env: {} });
  local = createLocalExecutor({ store: journal, workflows: [approval], activities, defaultTimeout: '1 h' });
}, 120_000);

afterAll(async () => {
  await local.close();
  await journal.close();
  await fleet.stop();
}, 60_000);

const request = (summary: string) => ({ action: 'deploy', summary, timeoutMs: 3_600_000 });

async function onFleet(id: string): Promise<string> {
  await fleet.client.start('approval', request(id), { id });
  return openedBy(fleet.store, id);
}

async function inProcess(id: string): Promise<string> {
  await local.execute(approval, request(id), { id });
  return openedBy(fleet.store, id);
}

/** A request of a workflow that nobody here knows, whose time was over so long ago. */
async function ofNobody(workflowId: string, overForMs: number): Promise<string> {
  const asked = {
    type: 'approval',
    action: 'deploy',
    summary: workflowId,
    owner: 'local',
    timeoutMs: -overForMs,
  } as const;
  return (await fleet.store.approvals.open({ ...asked, key: workflowId, workflowId, runId: workflowId })).id;
}

async function settledBy(job: 'settleAbandonedApprovals' | 'dailyMaintenance'): Promise<number> {
  const { id } = await fleet.client.start(job, {});
  const outcome = await fleet.client.result<'settleAbandonedApprovals' | 'dailyMaintenance'>(id, { waitMs: 30_000 });
  if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome));
  return 'approvals' in outcome.result ? outcome.result.approvals.settled : outcome.result.settled;
}

test('requests whose workflow was terminated are settled once, however often it is looked; the others stay open', async () => {
  const open = [await onFleet('alive'), await inProcess('alive-here'), await ofNobody('of-nobody', 0)];
  const abandoned = [
    await onFleet('gone-1'),
    await onFleet('gone-2'),
    await inProcess('gone-here'),
    await ofNobody('long-gone', DAY_MS + 1),
  ];
  for (const id of ['gone-1', 'gone-2']) await fleet.client.terminate(id, 'by a test');
  await local.terminate('gone-here');
  const before = Date.now();
  const counts = await Promise.all([
    settledBy('settleAbandonedApprovals'),
    settledBy('settleAbandonedApprovals'),
    settledBy('dailyMaintenance'),
  ]);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(abandoned.length);
  for (const id of abandoned) {
    const outcome = { approvalId: id, status: 'canceled', via: 'cancellation', by: 'termination' };
    const row = await fleet.store.approvals.get(id);
    expect(row).toMatchObject({ status: 'canceled', outcome });
    expect(row.outcome?.decidedAt).toBeGreaterThanOrEqual(before);
    expect(await fleet.store.approvals.audit(id)).toMatchObject([
      { event: 'requested' },
      { event: 'settled', actor: 'termination', status: 'canceled', detail: row.outcome },
    ]);
  }
  for (const id of open) expect((await fleet.store.approvals.get(id)).status).toBe('pending');
  // Nothing of theirs was touched: a person still decides.
  const answer = await fleet.client.update('alive', 'decide', { decision: 'approve', by: 'ada' });
  expect(answer).toMatchObject({ approvalId: open[0], status: 'approved' });
});

test('one whose workflow ran out of its time is settled too', async () => {
  const handle = await local.execute(approval, request('short'), { id: 'short', timeout: '1 s' });
  const id = await openedBy(fleet.store, 'short');
  expect(await handle.outcome()).toMatchObject({ status: 'timed_out' });
  expect((await fleet.store.approvals.get(id)).status).toBe('pending');
  expect(await settledBy('settleAbandonedApprovals')).toBe(1);
  expect((await fleet.store.approvals.get(id)).status).toBe('canceled');
});
