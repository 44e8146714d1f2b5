// Requests for approval while the Postgres of a whole fleet is stopped.
import { startPostgres } from '@fleet/fleet-cli/services/postgres';
import { freePort, temporaryState } from '@fleet/fleet-cli/services/testing';
import { openFleetClient, type FleetClient } from '@fleet/temporal-client';
import { openServer, type Server } from '@fleet/temporal-client/server';
import { Fleet } from './fleet';

interface Approval {
  readonly id: string;
  readonly status: string;
  readonly audit: readonly { readonly event: string; readonly detail: unknown }[];
}

const { stateDir, remove } = temporaryState();
let port: number;
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let fleet: Fleet;
let client: FleetClient;
let server: Server;

const startDatabase = () => startPostgres({ stateDir, port, onLine: () => undefined });

beforeAll(async () => {
  port = await freePort();
  postgres = await startDatabase();
  fleet = await Fleet.up({ env: { DATABASE_URL: postgres.url } });
  const env = { TEMPORAL_ADDRESS: fleet.temporalAddress };
  [client, server] = [openFleetClient({ env }), openServer({ env })];
}, 300_000);

afterAll(async () => {
  await Promise.all([client.close(), server.close()]);
  await fleet.remove();
  await postgres.stop();
  remove();
}, 120_000);

/** Past the gateway, which needs Postgres for its own claim. */
const ask = (id: string) => client.start('approval', { action: 'deploy', summary: id }, { id });

const decide = (id: string, decision: string, key?: string) =>
  fleet.request(
    'POST',
    `/v1/approvals/${id}/decision`,
    { decision },
    key === undefined ? {} : { 'idempotency-key': key },
  );

async function requestsOf(workflowId: string): Promise<readonly Approval[]> {
  return (await fleet.get<{ approvals: Approval[] }>(`/v1/approvals?workflow_id=${workflowId}`)).approvals;
}

async function openedBy(workflowId: string): Promise<string> {
  await fleet.until('opened', async () => (await requestsOf(workflowId)).length > 0);
  return (await requestsOf(workflowId))[0]?.id ?? '';
}

/** Attempts of the activity that a workflow waits for. */
async function attemptsOf(workflowId: string): Promise<number> {
  const { pendingActivities } = await server.client.workflowService.describeWorkflowExecution({
    namespace: server.namespace,
    execution: { workflowId },
  });
  return pendingActivities?.find(({ activityType }) => activityType?.name !== 'notifyApproval')?.attempt ?? 0;
}

const eventsOf = async (id: string) => (await client.history(id)).items.map(({ type }) => type);

it('Postgres stopped: a decision is 503 and leaves nothing, one that was taken is kept, a new request waits; after it all settle once', async () => {
  await Promise.all([ask('before'), ask('taken')]);
  const [before, taken] = [await openedBy('before'), await openedBy('taken')];
  await postgres.stop();

  const refused = [await decide(before, 'approve', 'key-1'), await decide(before, 'reject')];
  expect(refused).toMatchObject([1, 2].map(() => ({ status: 503, body: { code: 'store_unavailable' } })));
  expect(await eventsOf('before')).not.toContain('WorkflowExecutionUpdateAccepted');
  // Taken by the workflow, and not to be written down yet: nobody is told.
  let answered = false;
  const answer = client.update('taken', 'decide', { decision: 'approve', by: 'ada' }).finally(() => (answered = true));
  await fleet.until('taken', async () => (await eventsOf('taken')).includes('WorkflowExecutionUpdateAccepted'));
  await ask('during');
  // Each has failed at its write more than once.
  for (const id of ['taken', 'during']) await fleet.until('tried again', async () => (await attemptsOf(id)) > 2);
  expect(answered).toBe(false);

  postgres = await startDatabase();
  await fleet.until(
    'ready',
    async () => (await fleet.request('GET', '/readyz').catch(() => undefined))?.status === 200,
  );
  const first = await decide(before, 'approve', 'key-1');
  expect(first).toMatchObject({ status: 200, body: { status: 'approved' } });
  expect(await decide(before, 'approve', 'key-1')).toEqual(first);
  expect(await decide(before, 'reject')).toMatchObject({ status: 409, body: { code: 'approval_settled' } });
  expect(await answer).toMatchObject({ status: 'approved', by: 'ada' });
  expect(await decide(taken, 'reject')).toMatchObject({ status: 409 });
  const during = await openedBy('during');
  expect(await decide(during, 'reject')).toMatchObject({ status: 200, body: { status: 'rejected' } });

  for (const [workflowId, id, status] of [
    ['before', before, 'approved'],
    ['taken', taken, 'approved'],
    ['during', during, 'rejected'],
  ] as const) {
    expect((await requestsOf(workflowId)).map((row) => row.id)).toEqual([id]);
    const { audit } = await fleet.get<Approval>(`/v1/approvals/${id}`);
    expect(audit.map(({ event }) => event)).toEqual(['requested', 'settled']);
    const { result } = await fleet.result(workflowId);
    expect(result).toMatchObject({ approvalId: id, status });
    expect(audit[1]?.detail).toEqual(result);
  }
}, 180_000);
