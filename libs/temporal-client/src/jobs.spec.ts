import { Connection } from '@temporalio/client';
import { openFleetClient } from './open';
import { ownerFromHeaders } from './owner-header';
import type { FleetClient } from './fleet-client';
import { createTestNamespace, type TestNamespace } from './test-namespace';
import { startWorker, type RunningWorker } from './test-support/worker';

let place: TestNamespace;
let client: FleetClient;
let worker: RunningWorker;

beforeAll(async () => {
  place = await createTestNamespace();
  client = openFleetClient({ env: place.env, deadlineMs: 20_000 });
  worker = await startWorker(place, 'standard');
});

afterAll(async () => {
  await worker.stop();
  await client.close();
});

const code = (value: string) => expect.objectContaining({ code: value }) as Error;

/** The owner as a workflow interceptor gets it. */
async function ownerOf(workflowId: string, runId: string): Promise<string> {
  const connection = Connection.lazy({ address: place.address });
  const { namespace } = place;
  const { history } = await connection.workflowService.getWorkflowExecutionHistory({
    namespace,
    execution: { workflowId, runId },
  });
  await connection.close();
  return ownerFromHeaders(history?.events?.[0]?.workflowExecutionStartedEventAttributes?.header?.fields);
}

describe('a job', () => {
  it('starts, runs and ends with its result', async () => {
    const job = await client.start('probe', { durationMs: 300 }, { owner: 'ann', priority: 1 });
    expect(job).toEqual({
      id: expect.stringMatching(/^probe-/),
      runId: expect.any(String),
      workflow: 'probe',
      kind: 'job',
      queue: 'standard',
    });
    const end = await client.result<'probe'>(job.id, { waitMs: 10_000 });
    expect(end).toMatchObject({ status: 'completed', result: { attempt: 1, pid: process.pid } });
    expect(worker.owners.at(-1)).toBe('ann');
    const description = await client.describe(job.id);
    expect(description).toMatchObject({
      kind: 'job',
      status: 'completed',
      attempt: 1,
      progress: { done: 0.5 },
      queue: 'standard',
    });
    expect(description.closedAt).toBeInstanceOf(Date);
    const { items } = await client.history(job.id);
    expect(items.map(({ type }) => type)).toEqual([
      'ActivityTaskScheduled',
      'ActivityTaskStarted',
      'ActivityTaskCompleted',
    ]);
  });

  it('says that it runs, and refuses to be retried meanwhile', async () => {
    const { id } = await client.start('probe', { durationMs: 60_000 }, { id: 'team/a:1' });
    expect(await client.result(id)).toEqual({ status: 'running' });
    expect(await client.result(id, { waitMs: 300 })).toEqual({ status: 'running' });
    await expect(client.retry(id)).rejects.toEqual(code('job_not_closed'));
    await client.cancel(id, 'enough');
    expect(await client.result(id, { waitMs: 10_000 })).toMatchObject({
      status: 'canceled',
      failure: { code: 'CancelledFailure' },
    });
    await expect(client.cancel(id)).rejects.toEqual(code('job_closed'));
    await expect(client.terminate(id)).rejects.toEqual(code('job_closed'));
    await expect(client.cancel(id)).rejects.toMatchObject({
      remedy: expect.stringContaining('POST /v1/jobs/team%2Fa%3A1/retry '),
    });
  });

  it('fails in the words of the error table', async () => {
    const { id } = await client.start('cleanUpArtifacts', { batchSize: 13 }, { queue: 'background' });
    const background = await startWorker(place, 'background');
    const end = await client.result(id, { waitMs: 10_000 });
    await background.stop();
    expect(end).toMatchObject({
      status: 'failed',
      failure: {
        code: 'content_rejected',
        message: 'the filter said no',
        remedy: expect.stringContaining('Change the prompt'),
        retryable: false,
      },
    });
    expect((await client.history(id)).items.at(-1)).toMatchObject({
      type: 'ActivityTaskFailed',
      failure: 'content_rejected: the filter said no',
    });
  });

  it('is terminated', async () => {
    const { id } = await client.start('probe', { durationMs: 60_000 });
    await client.terminate(id, 'now');
    expect(await client.result(id, { waitMs: 5000 })).toMatchObject({
      status: 'terminated',
      failure: { code: 'TerminatedFailure' },
    });
  });

  it('has neither signals nor queries', async () => {
    const { id } = await client.start('probe', {});
    await client.result(id, { waitMs: 5000 });
    await expect(client.query(id, 'progress')).rejects.toEqual(code('not_supported'));
    const other = await client.start('probe', { durationMs: 5000 });
    await expect(client.signal(other.id, 'go')).rejects.toEqual(code('not_supported'));
    await client.terminate(other.id);
  });

  it('is retried with its input, priority and owner', async () => {
    const first = await client.start('probe', { durationMs: 1 }, { owner: 'ben', id: 'again' });
    await client.result('again', { waitMs: 5000 });
    const second = await client.retry('again', 'someone else');
    expect(second).toMatchObject({ id: 'again', kind: 'job', queue: 'standard' });
    expect(second.runId).not.toBe(first.runId);
    expect(await client.result('again', { waitMs: 5000 })).toMatchObject({ status: 'completed' });
    expect(worker.owners.slice(-2)).toEqual(['ben', 'ben']);
  });
});

describe('a workflow', () => {
  it('starts and ends with its result', async () => {
    const job = await client.start('probeSteps', { steps: 2 });
    expect(job.kind).toBe('workflow');
    const end = await client.result<'probeSteps'>(job.id, { waitMs: 10_000 });
    expect(end.status === 'completed' && end.result.probes).toHaveLength(2);
    expect(await client.describe(job.id)).toMatchObject({ status: 'completed', result: { probes: [{}, {}] } });
  });

  it('tells its progress while it runs', async () => {
    const { id } = await client.start('probeSteps', { steps: 99 });
    const progress = { step: 'probe', completed: 0, total: 99 };
    // A busy machine may take its worker over a second for the first task, and a description waits no longer.
    expect(await client.query(id, 'progress')).toEqual(progress);
    expect(await client.describe(id)).toMatchObject({ status: 'running', progress });
    await client.terminate(id);
  });

  it('has a history with names, also over several pages', async () => {
    const { id } = await client.start('probeSteps', { steps: 3 });
    await client.result(id, { waitMs: 10_000 });
    const whole = (await client.history(id)).items;
    const paged = [];
    let cursor: string | undefined;
    do {
      const page = await client.history(id, { limit: 4, ...(cursor && { cursor }) });
      paged.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor);
    expect(paged).toEqual(whole);
    expect(whole[0]).toMatchObject({ eventId: 1, type: 'WorkflowExecutionStarted', name: 'probeSteps' });
    expect(whole.filter(({ type }) => type === 'ActivityTaskCompleted')).toEqual(
      [1, 2, 3].map(() => expect.objectContaining({ name: 'probe', attempt: 1 })),
    );
    expect(whole.at(-1)?.type).toBe('WorkflowExecutionCompleted');
  });

  it('fails in the words of the error table', async () => {
    const { id } = await client.start('probeSteps', { steps: 97 });
    const failure = { code: 'invalid_csv', message: 'no header line', remedy: expect.any(String), retryable: false };
    expect(await client.result(id, { waitMs: 10_000 })).toEqual({ status: 'failed', failure });
    expect(await client.describe(id)).toMatchObject({ status: 'failed', failure });
  });

  it('is followed when it continues as new', async () => {
    const job = await client.start('probeSteps', { steps: 98 });
    expect(await client.result(job.id, { waitMs: 10_000 })).toMatchObject({ status: 'completed' });
    expect(await client.result(job.id, { runId: job.runId })).toMatchObject({
      status: 'continued_as_new',
      failure: { code: 'ContinuedAsNew' },
    });
  });

  it('is cancelled, and terminated', async () => {
    const one = await client.start('probeSteps', { steps: 99 });
    await client.cancel(one.id);
    expect(await client.result(one.id, { waitMs: 10_000 })).toMatchObject({
      status: 'canceled',
      failure: { code: 'CancelledFailure' },
    });
    const two = await client.start('probeSteps', { steps: 99 });
    await client.terminate(two.id, 'over');
    expect(await client.result(two.id, { waitMs: 10_000 })).toMatchObject({
      status: 'terminated',
      failure: { code: 'TerminatedFailure', message: 'over' },
    });
    await expect(client.signal(two.id, 'go')).rejects.toEqual(code('unknown_signal'));
  });

  it('refuses signals and queries that its entry does not list', async () => {
    const { id } = await client.start('probeSteps', { steps: 99 });
    await expect(client.signal(id, 'go')).rejects.toEqual(code('unknown_signal'));
    await expect(client.query(id, '__stack_trace')).rejects.toEqual(code('unknown_query'));
    await client.terminate(id);
  });

  it('is retried with its input and owner, on its queue', async () => {
    const { id } = await client.start('probeSteps', { steps: 1, durationMs: 2 }, { owner: 'cleo' });
    await client.result(id, { waitMs: 10_000 });
    const again = await client.retry(id);
    expect(again).toMatchObject({ id, queue: 'standard' });
    expect(await client.result(id, { waitMs: 10_000 })).toMatchObject({
      status: 'completed',
      result: { probes: [{}] },
    });
    expect(await ownerOf(id, again.runId)).toBe('cleo');
  });

  it('is described without progress when no worker answers', async () => {
    const { id } = await client.start('dailyMaintenance', {});
    const before = Date.now();
    expect(await client.describe(id)).toMatchObject({ status: 'running', queue: 'scheduled' });
    expect((await client.describe(id)).progress).toBeUndefined();
    expect(Date.now() - before).toBeLessThan(3500);
    await client.terminate(id);
  });
});

describe('an id', () => {
  it('is unknown', async () => {
    await expect(client.describe('none')).rejects.toEqual(code('job_not_found'));
    await expect(client.result('none', { waitMs: 1000 })).rejects.toEqual(code('job_not_found'));
    await expect(client.cancel('none')).rejects.toEqual(code('job_not_found'));
    await expect(client.retry('none')).rejects.toEqual(code('job_not_found'));
    await expect(client.history('x'.repeat(2000))).rejects.toEqual(code('job_not_found'));
  });

  it('is refused while it is used, by either kind, and after', async () => {
    const job = await client.start('probe', { durationMs: 3000 }, { id: 'taken' });
    await expect(client.start('probe', {}, { id: 'taken' })).rejects.toEqual(code('job_exists'));
    await expect(client.start('probeSteps', {}, { id: 'taken' })).rejects.toEqual(code('job_exists'));
    await expect(
      client.start('probeSteps', {}, { id: 'taken', onConflict: 'use-running', onClosed: 'new-run' }),
    ).rejects.toEqual(code('job_exists'));
    expect(await client.start('probe', {}, { id: 'taken', onConflict: 'use-running' })).toEqual(job);
    await expect(client.start('cleanUpArtifacts', {}, { id: 'taken', onConflict: 'use-running' })).rejects.toEqual(
      code('job_exists'),
    );
    await client.terminate('taken');
    await expect(client.start('probe', {}, { id: 'taken' })).rejects.toEqual(code('job_exists'));
    expect((await client.start('probe', {}, { id: 'taken', onClosed: 'new-run' })).runId).not.toBe(job.runId);
  });

  it('of a workflow is refused to a job, and shared when asked', async () => {
    const run = await client.start('probeSteps', { steps: 99 }, { id: 'taken-too' });
    await expect(client.start('probe', {}, { id: 'taken-too' })).rejects.toEqual(code('job_exists'));
    await expect(client.start('probeSteps', {}, { id: 'taken-too' })).rejects.toEqual(code('job_exists'));
    expect(await client.start('probeSteps', {}, { id: 'taken-too', onConflict: 'use-running' })).toEqual(run);
    await client.terminate('taken-too');
    await expect(client.start('probeSteps', {}, { id: 'taken-too' })).rejects.toEqual(code('job_exists'));
  });
});

describe('a start', () => {
  it('is validated before anything is sent', async () => {
    await expect(client.start('nope' as 'probe', {})).rejects.toEqual(code('unknown_workflow'));
    await expect(client.start('probe', { durationMs: -1 })).rejects.toMatchObject({
      code: 'invalid_input',
      fields: [{ field: 'input.durationMs' }],
    });
    await expect(client.start('probe', {}, { queue: 'fast' })).rejects.toEqual(code('unknown_queue'));
    await expect(client.start('cleanUpArtifacts', {}, { queue: 'high' })).rejects.toEqual(code('queue_not_allowed'));
    await expect(client.start('probe', {}, { priority: 6, id: '' })).rejects.toMatchObject({
      code: 'invalid_input',
      fields: [{ field: 'id' }, { field: 'priority' }],
    });
  });
});
