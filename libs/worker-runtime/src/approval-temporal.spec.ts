import type { ApprovalOutcome } from '@fleet/workflow-registry/messages';
import { openServer } from '@fleet/temporal-client/server';
import { eventsOfAnHour, HOUR_MS } from './test-quiet-hour';
import { startTestFleet, type TestFleet } from './test-fleet';
import { openedBy, race, recordsOf, type ApprovalRunner } from './test-approval-race';

let fleet: TestFleet;
let runner: ApprovalRunner;

beforeAll(async () => {
  fleet = await startTestFleet(['standard']);
  const { client } = fleet;
  runner = {
    start: (input, id) => client.start('approval', input, { id }),
    decide: (id, decision) => client.update(id, 'decide', decision),
    async result(id) {
      const ended = await client.result<'approval'>(id, { waitMs: 30_000 });
      if (ended.status === 'completed') return ended.result;
      throw new Error(JSON.stringify(ended));
    },
  };
}, 120_000);

afterAll(() => fleet.stop(), 60_000);

const same = (outcomes: readonly ApprovalOutcome[]) => outcomes.map((outcome) => ({ row: outcome, audit: [outcome] }));

test('a decision settles the request: the same in answer, result, row and audit log; the next is refused', async () => {
  await runner.start({ action: 'deploy', summary: 'Deploy version 7' }, 'deploy-7');
  const id = await openedBy(fleet.store, 'deploy-7');
  const both = await Promise.allSettled([
    runner.decide('deploy-7', { decision: 'approve', by: 'ada' }),
    runner.decide('deploy-7', { decision: 'reject', by: 'bob' }),
  ]);
  const [winner] = both.filter((each) => each.status === 'fulfilled');
  const [loser] = both.filter((each) => each.status === 'rejected');
  expect(winner?.value).toMatchObject({ approvalId: id, via: 'human' });
  expect(loser?.reason).toMatchObject({ code: 'update_rejected', details: { type: 'approval_settled' } });
  const outcome = await runner.result('deploy-7');
  expect(outcome).toEqual(winner?.value);
  expect(String(loser?.reason)).toContain(`${outcome.status} by ${outcome.by}`);
  expect(await recordsOf(fleet.store, [outcome])).toEqual(same([outcome]));
  await expect(runner.decide('deploy-7', { decision: 'reject', by: 'bob' })).rejects.toMatchObject({
    code: 'job_closed',
  });
});

test('the owner of the job is the owner of its request', async () => {
  await fleet.client.start('approval', { action: 'deploy', summary: 'x' }, { id: 'owned', owner: 'carol' });
  const id = await openedBy(fleet.store, 'owned');
  expect(await fleet.store.approvals.get(id)).toMatchObject({ owner: 'carol', workflowId: 'owned' });
  await fleet.client.cancel('owned', 'no longer needed');
  expect(await fleet.client.result('owned', { waitMs: 10_000 })).toMatchObject({ status: 'canceled' });
  expect(await fleet.store.approvals.get(id)).toMatchObject({ status: 'canceled', outcome: { via: 'cancellation' } });
});

test('an unknown update is told with the names there are', async () => {
  await runner.start({ action: 'deploy', summary: 'x', timeoutMs: 1000 }, 'names');
  await expect(fleet.client.update('names', 'approve', {})).rejects.toMatchObject({
    code: 'unknown_update',
    details: { names: 'decide' },
  });
});

test('an hour of waiting for a person adds no event to the history', async () => {
  const startedAt = Date.now();
  await runner.start({ action: 'deploy', summary: 'x', timeoutMs: 2 * HOUR_MS }, 'patient');
  await openedBy(fleet.store, 'patient');
  const server = openServer({ env: fleet.env });
  expect(await eventsOfAnHour(server, 'patient')).toEqual([]);
  await server.close();
  await runner.decide('patient', { decision: 'approve', by: 'ada' });
  const outcome = await runner.result('patient');
  expect(outcome).toMatchObject({ status: 'approved', by: 'ada' });
  expect(outcome.decidedAt - startedAt).toBeGreaterThanOrEqual(HOUR_MS);
  expect(await recordsOf(fleet.store, [outcome])).toEqual(same([outcome]));
});

test('60 requests met by approve, reject and time-out within 50 ms: one decision each, the same everywhere', async () => {
  const { outcomes, accepted, refused } = await race(runner, fleet.store, {
    count: 60,
    withinMs: 50,
    timeoutMs: 6000,
  });
  const count = (status: string): number => outcomes.filter((outcome) => outcome.status === status).length;
  const human = count('approved') + count('rejected');
  expect([accepted, refused.length, human + count('timed_out')]).toEqual([human, 120 - human, 60]);
  expect([human > 0, count('timed_out') > 0]).toEqual([true, true]);
  expect(await recordsOf(fleet.store, outcomes)).toEqual(same(outcomes));
}, 120_000);
