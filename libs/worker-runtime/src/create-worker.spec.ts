import type { ActivityScope } from '@fleet/activities';
import { FleetError } from '@fleet/errors';
import type { FleetClient } from '@fleet/temporal-client';
import { createWorker, workerOptions } from './create-worker';
import { startTestFleet, type TestFleet } from './test-fleet';

let fleet: TestFleet;
let client: FleetClient;

/** What the probe activity does in a test; each test sets its own. */
let behaviour: (scope: ActivityScope) => Promise<unknown>;

beforeAll(async () => {
  fleet = await startTestFleet(['standard'], ({ probe }) => ({
    probe: (_input, scope) => behaviour(scope) as ReturnType<typeof probe>,
  }));
  client = fleet.client;
}, 120_000);
afterAll(() => fleet.stop(), 60_000);

const stamps = { startedAt: 1, finishedAt: 2, attempt: 1, pid: 1 };

async function outcomeOf(behave: typeof behaviour, workflow: 'probe' | 'probeSteps' = 'probe') {
  behaviour = behave;
  const input = workflow === 'probe' ? {} : { steps: 1 };
  const { id, runId } = await client.start(workflow, input, { owner: 'ada' });
  return { id, runId, ...(await client.result(id, { waitMs: 30_000 })) };
}

it('says every option that was measured to hurt when left alone', () => {
  expect(workerOptions(fleet.parts)).toMatchObject({
    taskQueue: 'standard',
    maxConcurrentWorkflowTaskExecutions: 50,
    maxConcurrentActivityTaskExecutions: 25,
    maxCachedWorkflows: 300,
    workflowTaskPollerBehavior: { type: 'autoscaling', minimum: 2, maximum: 20, initial: 5 },
    maxEagerActivityReservationsPerWorkflowTask: 0,
    stickyQueueScheduleToStartTimeout: '2 s',
    shutdownGraceTime: 45_000,
    shutdownForceTime: 60_000,
  });
  expect(workerOptions(fleet.parts)).not.toHaveProperty('maxTaskQueueActivitiesPerSecond');
});

it.each(['this is no JavaScript', 'throw new Error("an import that is gone")', ''])(
  'tells a bundle that does not run from a server that does not answer: %j',
  async (code) => {
    const create = createWorker({ ...fleet.parts, bundle: { code } });
    await expect(create).rejects.toMatchObject({ code: 'bundle_mismatch' });
  },
);

it('leaves what the server says as it is', async () => {
  const create = createWorker({ ...fleet.parts, namespace: 'no-such-namespace' });
  await expect(create).rejects.not.toMatchObject({ code: 'bundle_mismatch' });
});

describe('an activity', () => {
  it.each(['probe', 'probeSteps'] as const)('is handed its scope, the owner included (%s)', async (workflow) => {
    let scope: ActivityScope | undefined;
    const { id, runId } = await outcomeOf(async (got) => ((scope = got), stamps), workflow);
    expect(scope).toMatchObject({ jobId: id, owner: 'ada', attempt: 1 });
    expect(scope?.idempotencyKey.startsWith(`${id}/${runId}/`)).toBe(true);
  });

  it('that throws a permanent error of the table fails its job at once, with the code as type', async () => {
    let attempts = 0;
    const outcome = await outcomeOf(async () => {
      attempts += 1;
      throw new FleetError('content_rejected', { reason: 'a test' });
    });
    expect(outcome).toMatchObject({ status: 'failed', failure: { code: 'content_rejected', retryable: false } });
    expect(attempts).toBe(1);
  });

  it('that throws another error is tried again', async () => {
    const attempts: number[] = [];
    const outcome = await outcomeOf(async ({ attempt }) => {
      attempts.push(attempt);
      if (attempt < 3) throw new FleetError('store_unavailable');
      return stamps;
    });
    expect(outcome.status).toBe('completed');
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('beats by itself: silent for longer than its heartbeat time-out of 3 s, it runs once', async () => {
    let attempts = 0;
    const outcome = await outcomeOf(async () => {
      attempts += 1;
      await new Promise((resolve) => setTimeout(resolve, 7000));
      return stamps;
    });
    expect([outcome.status, attempts]).toEqual(['completed', 1]);
  });

  it('keeps the details it reported through beats without any, for its next attempt', async () => {
    let seen: unknown;
    await outcomeOf(async (scope) => {
      if (scope.attempt === 1) {
        scope.heartbeat({ done: 7 });
        await new Promise((resolve) => setTimeout(resolve, 3500));
        throw new Error('again');
      }
      seen = scope.lastHeartbeat;
      return stamps;
    });
    expect(seen).toEqual({ done: 7 });
  });

  it('is cancelled in the middle', async () => {
    let reason: unknown;
    behaviour = (scope) =>
      new Promise((_, reject) => {
        scope.signal.addEventListener('abort', () => reject((reason = scope.signal.reason) as Error));
      });
    const { id } = await client.start('probe', {});
    await new Promise((resolve) => setTimeout(resolve, 500));
    await client.cancel(id, 'enough');
    expect(await client.result(id, { waitMs: 20_000 })).toMatchObject({ status: 'canceled' });
    expect(String(reason)).toMatch(/cancel/i);
  });

  it('is counted by name and outcome', async () => {
    const text = await fleet.registry.metrics();
    expect(text).toMatch(/temporal_activity_execution_count{activity_name="probe",status="failed",.*} [1-9]/);
    expect(text).toMatch(/temporal_activity_execution_count{activity_name="probe",status="completed",.*} [1-9]/);
    expect(text).toMatch(/temporal_activity_execution_count{activity_name="probe",status="canceled",.*} 1/);
    expect(text).toContain('temporal_activity_duration_seconds_bucket{le="0.1"');
  });
});
