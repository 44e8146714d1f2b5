import { testScope } from '../test-scope';
import { createProbeActivities } from '.';

const { probe } = createProbeActivities();

test('waits that long and says when, where and in which attempt', async () => {
  const output = await probe({ durationMs: 50 }, testScope({ attempt: 3 }));
  expect(output).toMatchObject({ attempt: 3, pid: process.pid });
  // A timer may fire up to a millisecond early by the wall clock.
  expect(output.finishedAt - output.startedAt).toBeGreaterThanOrEqual(49);
});

test('does not wait by default', async () => {
  const { startedAt, finishedAt } = await probe({}, testScope());
  expect(finishedAt - startedAt).toBeLessThan(50);
});

test('rejects with the very reason, at once, when the signal aborts', async () => {
  const controller = new AbortController();
  const reason = new Error('cancelled');
  const running = probe({ durationMs: 60_000 }, testScope({ signal: controller.signal }));
  controller.abort(reason);
  await expect(running).rejects.toBe(reason);
  await expect(probe({}, testScope({ signal: controller.signal }))).rejects.toBe(reason);
});
