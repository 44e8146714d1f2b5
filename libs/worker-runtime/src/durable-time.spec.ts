import { collecting, go, item, pausing, sleeping, type Subject } from '@fleet/durable-executor/conformance';
import type { Server } from '@fleet/temporal-client/server';
import { passTime } from '@fleet/temporal-client/test-time';
import { startPortableWorker } from './test-portable-worker';
import { eventsOf, eventsOfAnHour, HOUR_MS } from './test-quiet-hour';

const DAY_MS = 24 * HOUR_MS;

let subject: Subject & { readonly server: Server };
beforeAll(async () => void (subject = await startPortableWorker()), 120_000);
afterAll(() => subject.stop(), 60_000);

/** Milliseconds between the first event of the kind and the last. */
async function spanOf(id: string, kind: 'any' | 'workflowExecutionSignaledEventAttributes'): Promise<number> {
  const events = (await eventsOf(subject.server, id)).filter((event) => kind === 'any' || event[kind]);
  const times = events.map(({ eventTime }) => Number(eventTime?.seconds) * 1000 + Number(eventTime?.nanos) / 1e6);
  return (times.at(-1) ?? 0) - (times[0] ?? 0);
}

test('a sleep of 24 h is a timer of 86,400 s on the server, and over in seconds when the server skips the time', async () => {
  const { executor, server } = subject;
  const startedAt = Date.now();
  const handle = await executor.execute(sleeping, { ms: '24 h' }, { timeout: '2 days' });
  const timers = async () =>
    (await eventsOf(server, handle.id)).flatMap(
      ({ timerStartedEventAttributes: timer }) => timer?.startToFireTimeout ?? [],
    );
  while ((await timers()).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await timers()).map(({ seconds }) => Number(seconds))).toEqual([86_400]);
  await passTime(server, handle.id, DAY_MS - 60_000);
  expect(await handle.status()).toBe('running');
  await passTime(server, handle.id, 61_000);
  expect(await handle.result()).toBe('awake');
  expect(await spanOf(handle.id, 'any')).toBeGreaterThanOrEqual(DAY_MS);
  // A second or two; the rest is for a machine that is busy.
  expect(Date.now() - startedAt).toBeLessThan(20_000);
});

test('an hour without a time-out adds no event between two signals', async () => {
  const { executor, server } = subject;
  const handle = await executor.execute(collecting, { count: 2, pauseMs: 0 }, { timeout: '3 h' });
  await executor.signal(handle.id, item, { n: 1 });
  expect(await eventsOfAnHour(server, handle.id)).toEqual([]);
  await executor.signal(handle.id, item, { n: 2 });
  expect(await handle.result()).toEqual([1, 2]);
  expect(await spanOf(handle.id, 'workflowExecutionSignaledEventAttributes')).toBeGreaterThanOrEqual(HOUR_MS);
});

test('an hour of a wait with a time-out of 2 h adds no event between two signals', async () => {
  const { executor, server } = subject;
  const handle = await executor.execute(pausing, null, { timeout: '3 h' });
  await executor.signal(handle.id, go, 1);
  expect(await eventsOfAnHour(server, handle.id)).toEqual([]);
  await executor.signal(handle.id, go, 2);
  expect(await handle.result()).toBe('1 2');
  expect(await spanOf(handle.id, 'workflowExecutionSignaledEventAttributes')).toBeGreaterThanOrEqual(HOUR_MS);
});
