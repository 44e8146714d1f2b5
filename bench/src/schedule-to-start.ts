import { setTimeout as delay } from 'node:timers/promises';
import type { ActivityHandle } from '@temporalio/client';

const DESCRIBES_AT_ONCE = 10;

/** When a job was asked for and when a worker got it, epoch milliseconds by the server's clock. */
export interface Started {
  readonly scheduledAt: number;
  /** Undefined: not yet. */
  readonly startedAt: number | undefined;
}

/**
 * Asks the server when each job began.
 *
 * @param patienceMs How long to wait for jobs that have not begun.
 */
export async function startsOf(handles: readonly ActivityHandle[], patienceMs: number): Promise<Started[]> {
  const until = performance.now() + patienceMs;
  const starts: Started[] = [];
  // A few at a time, and only after the phase: the questions must not be part of the load.
  for (let index = 0; index < handles.length; index += DESCRIBES_AT_ONCE) {
    const some = handles.slice(index, index + DESCRIBES_AT_ONCE);
    starts.push(...(await Promise.all(some.map((handle) => startOf(handle, until)))));
  }
  return starts;
}

/** Waiting times in milliseconds. A job that has not begun has waited at least until now. */
export function waitsOf(starts: readonly Started[]): number[] {
  return starts.map(({ scheduledAt, startedAt = Date.now() }) => startedAt - scheduledAt);
}

async function startOf(handle: ActivityHandle, until: number): Promise<Started> {
  for (;;) {
    const { rawInfo, attempt } = await handle.describe();
    const scheduledAt = milliseconds(rawInfo.scheduleTime);
    const startedAt = milliseconds(rawInfo.lastStartedTime);
    if (scheduledAt === undefined) throw new Error(`job ${handle.activityId} has no schedule time`);
    // The last start of a second attempt says nothing about waiting.
    if (attempt > 1) throw new Error(`job ${handle.activityId} was tried ${attempt} times`);
    if (startedAt !== undefined || performance.now() > until) return { scheduledAt, startedAt };
    await delay(20);
  }
}

/** With its fraction, which a Date would cut off: the waits measured here are a few milliseconds. */
function milliseconds(stamp: Stamp | null | undefined): number | undefined {
  if (!stamp) return undefined;
  return Number(stamp.seconds?.toString() ?? 0) * 1000 + (stamp.nanos ?? 0) / 1e6;
}

interface Stamp {
  readonly seconds?: { toString(): string } | null;
  readonly nanos?: number | null;
}
