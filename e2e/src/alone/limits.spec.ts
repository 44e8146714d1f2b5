import { eachOf, Fleet, pause } from '../fleet';

interface Stamps {
  startedAt: number;
  finishedAt: number;
  attempt: number;
  pid: number;
}

let fleet: Fleet;
beforeAll(async () => {
  const args = ['--no-demo', '--scale', 'standard=2', '--scale', 'background=2'];
  fleet = await Fleet.up({ args, env: { FLEET_BACKGROUND_MAX_WORKERS: '2' } });
}, 300_000);
afterAll(() => fleet.remove(), 120_000);

/** Runs `count` probes and gives their stamps. */
async function probes(count: number, queue: string, durationMs: number): Promise<Stamps[]> {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const ids = await eachOf(numbers, 25, () => fleet.submit('probe', { durationMs }, { queue }));
  const results = await eachOf(ids, 25, (id) => fleet.result<Stamps>(id));
  return results.map(({ result }) => result);
}

/** Most probes that ran at one moment. */
function mostInFlight(stamps: readonly Stamps[]): number {
  const edges = stamps.flatMap(
    ({ startedAt, finishedAt }) =>
      [
        [startedAt, 1],
        // A slot is free only after its probe ended, so an end counts before a start in the same millisecond.
        [finishedAt, -1],
      ] as const,
  );
  let now = 0;
  let most = 0;
  for (const [, change] of edges.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) most = Math.max(most, (now += change));
  return most;
}

const starts = (stamps: readonly Stamps[]): number[] =>
  stamps.map(({ startedAt }) => startedAt).toSorted((a, b) => a - b);

/** When the server handed a probe out, epoch milliseconds. */
async function startedOnServer(id: string): Promise<number> {
  const { events } = await fleet.get<{ events: { type: string; timestamp: string }[] }>(`/v1/jobs/${id}/history`);
  return Date.parse(events.find(({ type }) => type === 'ActivityTaskStarted')?.timestamp ?? '');
}

it('high: 500 activities of 2 s on one worker reach 50 in flight and never 51', async () => {
  const stamps = await probes(500, 'high', 2000);
  expect(new Set(stamps.map(({ pid }) => pid)).size).toBe(1);
  expect(mostInFlight(stamps)).toBe(50);
}, 180_000);

it('standard: two workers share 50 a second', async () => {
  expect(await fleet.workerPids('standard')).toHaveLength(2);
  await fleet.request('PATCH', '/v1/queues/standard', { rate: 0, reason: 'fill the backlog first' });
  const numbers = Array.from({ length: 500 }, (_, index) => index);
  const ids = await eachOf(numbers, 25, () => fleet.submit('probe', {}, { queue: 'standard' }));
  await fleet.request('PATCH', '/v1/queues/standard', { rate: null });
  const stamps = (await eachOf(ids, 25, (id) => fleet.result<Stamps>(id))).map(({ result }) => result);
  // By the server's clock: it keeps the rate, and a busy machine bunches what workers see of it.
  const at = (await eachOf(ids, 25, startedOnServer)).toSorted((a, b) => a - b);
  const seconds = ((at.at(-1) ?? 0) - (at[0] ?? 0)) / 1000;
  expect(seconds).toBeGreaterThan(8.5);
  expect(seconds).toBeLessThan(15);
  expect(new Set(stamps.map(({ pid }) => pid)).size).toBe(2);
  // After the first second, which may use up the burst, no second has more than 60.
  const later = at.filter((time) => time >= (at[0] ?? 0) + 1000);
  const busiest = Math.max(...later.map((from) => later.filter((time) => time >= from && time < from + 1000).length));
  expect(busiest).toBeLessThanOrEqual(60);
}, 120_000);

describe('background, raised to two workers', () => {
  it('still runs 10 a second', async () => {
    expect(await fleet.workerPids('background')).toHaveLength(2);
    const at = starts(await probes(120, 'background', 0));
    const seconds = ((at.at(-1) ?? 0) - (at[0] ?? 0)) / 1000;
    // 120 tasks at 10/s with one second of burst take 11 s.
    expect(seconds).toBeGreaterThan(9.5);
    expect(seconds).toBeLessThan(14);
  }, 120_000);

  it('takes a live change to 4/s within 1.5 s, which a restarted worker does not undo', async () => {
    const numbers = Array.from({ length: 140 }, (_, index) => index);
    const ids = await eachOf(numbers, 25, () => fleet.submit('probe', {}, { queue: 'background' }));
    const changed = await fleet.request('PATCH', '/v1/queues/background', { rate: 4, reason: 'e2e' });
    const changedAt = Date.now();
    expect(changed.body).toMatchObject({ rate: { per_second: 4, set_by: 'operator' } });
    await pause(6000);
    const [victim] = await fleet.workerPids('background');
    process.kill(victim ?? 0, 'SIGKILL');
    await fleet.until(
      'restarted',
      async () => (await fleet.workerPids('background')).filter((pid) => pid !== victim).length === 2,
    );
    const restartedAt = Date.now();
    await pause(8000);
    await fleet.request('PATCH', '/v1/queues/background', { rate: 1000, reason: 'drain' });
    const at = starts((await eachOf(ids, 25, (id) => fleet.result<Stamps>(id))).map(({ result }) => result));
    const perSecond = (from: number, to: number): number =>
      at.filter((time) => time >= from && time < to).length / ((to - from) / 1000);
    expect(perSecond(changedAt + 1500, changedAt + 5500)).toBeLessThanOrEqual(4.5);
    expect(perSecond(restartedAt + 1000, restartedAt + 8000)).toBeLessThanOrEqual(4.5);
    expect(perSecond(restartedAt + 1000, restartedAt + 8000)).toBeGreaterThanOrEqual(3);
    const back = await fleet.request('PATCH', '/v1/queues/background', { rate: null });
    expect(back.body).toMatchObject({ rate: { per_second: 10, set_by: 'table' } });
  }, 120_000);
});
