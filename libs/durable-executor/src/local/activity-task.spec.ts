import { resolveActivityOptions } from '../context/activity-options';
import type { RetryPolicy } from '../context';
import type { Clock } from '../clock';
import { anyPolicy, seededNumbers } from '../conformance/any-policy';
import type { Failure } from '../context/failure';
import { retryOptions } from '../temporal/sandbox-retry';
import { ActivityTask } from './activity-task';

/** Runs an activity that always fails. @returns the waits between its attempts, and how it ended. */
async function waitsOf(
  policy: RetryPolicy,
  error: Error,
): Promise<{ waits: number[]; failure: Failure; last: number }> {
  const options = resolveActivityOptions({ retry: policy });
  const waits: number[] = [];
  // A time-out is never reached; every other wait is over at once.
  const clock: Clock = {
    now: () => 0,
    schedule(ms, callback) {
      if (ms === options.startToCloseMs) return () => undefined;
      waits.push(ms);
      setImmediate(callback);
      return () => undefined;
    },
  };
  const order = { name: 'a', input: null, options, idempotencyKey: 'k', jobId: 'j', owner: 'o', attempt: 1 };
  return new Promise((resolve) => {
    const task = new ActivityTask(
      { ...order, notBefore: 0, lastHeartbeat: undefined },
      () => Promise.reject(error),
      clock,
      {
        allowed: () => Promise.resolve(),
        started: () => undefined,
        // A wait of no time is not planned, and is a wait all the same.
        retrying: (_attempt, _failure, delayMs) => void (delayMs === 0 && waits.push(0)),
        completed: () => undefined,
        failed: (failure, last) => resolve({ waits, failure, last }),
      },
    );
    task.start();
  });
}

test('for any policy: as many attempts as it says, each wait the one before times the coefficient, up to the maximum', async () => {
  const next = seededNumbers(8);
  for (let n = 0; n < 300; n += 1) {
    const policy = anyPolicy(next);
    const { waits, last } = await waitsOf(policy, new Error('no'));
    const { maximumAttempts = 3, initialInterval = 100, backoffCoefficient = 2, maximumInterval = 10_000 } = policy;
    expect([last, waits.length]).toEqual([maximumAttempts, maximumAttempts - 1]);
    for (const [index, wait] of waits.entries()) {
      const computed = Math.min(Number(maximumInterval), Number(initialInterval) * backoffCoefficient ** index);
      expect(wait).toBeCloseTo(computed, 3);
    }
  }
});

test('for any policy a non-retryable type ends it at the first attempt, and no other type does', async () => {
  const next = seededNumbers(19);
  for (let n = 0; n < 100; n += 1) {
    const policy = { ...anyPolicy(next), nonRetryable: ['TypeError'] };
    expect(await waitsOf(policy, new TypeError('no'))).toMatchObject({
      last: 1,
      waits: [],
      failure: { type: 'TypeError' },
    });
    expect((await waitsOf(policy, new RangeError('no'))).last).toBe(policy.maximumAttempts ?? 3);
  }
});

test('for any policy Temporal is told exactly what the local executor does', () => {
  const next = seededNumbers(3);
  for (let n = 0; n < 300; n += 1) {
    const { retry } = resolveActivityOptions({ retry: anyPolicy(next) });
    expect(retryOptions(retry)).toEqual({
      maximumAttempts: retry.maximumAttempts,
      // The server takes no wait of nothing.
      initialInterval: retry.initialMs || 1,
      backoffCoefficient: retry.backoffCoefficient,
      maximumInterval: retry.maximumMs || 1,
      nonRetryableErrorTypes: retry.nonRetryable,
    });
  }
});
