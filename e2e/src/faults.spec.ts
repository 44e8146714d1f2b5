import { eachOf, Fleet, pause } from './fleet';
import { recordsOf } from './records';

interface Stamps {
  startedAt: number;
  attempt: number;
  pid: number;
}

let fleet: Fleet;
// Two workers on high: with none left, a workflow task waits for its 2 s sticky time-out however well the last one drained.
beforeAll(async () => (fleet = await Fleet.up({ args: ['--no-demo', '--scale', 'high=2'] })), 300_000);
afterAll(() => fleet.remove(), 120_000);

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

it('all workers of high killed while image jobs run: each ends on a restarted worker, with one artefact and one record', async () => {
  const killed = await fleet.workerPids('high');
  const size = { width: 2048, height: 2048 };
  const ids = await eachOf(numbers(12), 6, (index) =>
    fleet.submit('generateImage', { prompt: `a harbour ${index}`, ...size }),
  );
  await fleet.until('drawing', async () => (await stepOf(ids[0] ?? '')) === 'render');
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  const results = await eachOf(ids, 12, (id) => fleet.result(id));
  expect(results.map(({ status }) => status)).toEqual(ids.map(() => 'completed'));
  expect((await fleet.workerPids('high')).filter((pid) => killed.includes(pid))).toEqual([]);
  const records = await recordsOf(fleet, ids);
  expect([records.images.length, records.artifacts.length]).toEqual([ids.length, ids.length]);
}, 180_000);

/** The step a job is at. */
async function stepOf(id: string): Promise<string | undefined> {
  return (await fleet.get<{ progress?: { step: string } }>(`/v1/jobs/${id}`)).progress?.step;
}

it('SIGTERM during ten running activities: exit 0, no attempt lost, no workflow task timed out', async () => {
  const [pid] = await fleet.workerPids('high');
  const jobs = await eachOf(numbers(20), 10, () => fleet.submit('probe', { durationMs: 5000 }, { queue: 'high' }));
  // About 30 workflow tasks a second, so that some are on their way when it is asked to end. A load that keeps tasks
  // waiting in the worker's own sticky queue would measure something else: what waits there is out of reach of a drain.
  const workflows = await eachOf(numbers(10), 10, () =>
    fleet.submit('probeSteps', { durationMs: 300, steps: 20 }, { queue: 'high' }),
  );
  await pause(1500);
  process.kill(pid ?? 0, 'SIGTERM');
  await fleet.until('drained', () => /worker-high\S* ended with code 0 /.test(fleet.output), 60_000);
  const results = await eachOf(jobs, 10, (id) => fleet.result<Stamps>(id));
  expect(results.map(({ result }) => result.attempt)).toEqual(jobs.map(() => 1));
  // The one that drained must have had work in hand, or the test would prove nothing.
  expect(results.filter(({ result }) => result.pid === pid).length).toBeGreaterThan(0);
  const steps = await eachOf(workflows, 10, (id) => fleet.result<{ probes: Stamps[] }>(id));
  expect(steps.flatMap(({ result }) => result.probes.map(({ attempt }) => attempt))).toEqual(numbers(200).map(() => 1));
  const histories = await eachOf(workflows, 10, (id) =>
    fleet.get<{ events: { type: string }[] }>(`/v1/jobs/${id}/history?limit=500`),
  );
  const types = histories.flatMap(({ events }) => events.map(({ type }) => type));
  expect(types.filter((type) => type === 'WorkflowTaskCompleted').length).toBeGreaterThan(200);
  expect(types.filter((type) => type === 'WorkflowTaskTimedOut')).toEqual([]);
}, 180_000);

it('the fleet stopped with a workflow in flight and started again: it finishes', async () => {
  const id = await fleet.submit('probeSteps', { durationMs: 2000, steps: 6 });
  await fleet.until(
    'under way',
    async () => (await fleet.get<{ progress?: { completed: number } }>(`/v1/jobs/${id}`)).progress?.completed === 1,
  );
  expect(await fleet.stop()).toBe(0);
  fleet = await Fleet.up({ stateDir: fleet.stateDir, portOffset: fleet.portOffset });
  const { status, result } = await fleet.result<{ probes: Stamps[] }>(id);
  expect(status).toBe('completed');
  expect(result.probes).toHaveLength(6);
  expect(new Set(result.probes.map(({ pid }) => pid)).size).toBe(2);
}, 180_000);
