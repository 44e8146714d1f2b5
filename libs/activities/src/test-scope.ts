import { randomUUID } from 'node:crypto';
import type { ActivityScope } from './activity-scope';

/** A scope for specs, with the details it was told by `heartbeat`. */
export interface TestScope extends ActivityScope {
  readonly beats: unknown[];
}

/** The scope of a first attempt, owner `local`, that nothing aborts, with whatever is to differ. */
export function testScope(overrides: Partial<ActivityScope> = {}): TestScope {
  const beats: unknown[] = [];
  return {
    signal: new AbortController().signal,
    heartbeat: (details) => void beats.push(details),
    attempt: 1,
    idempotencyKey: randomUUID(),
    jobId: 'job-1',
    owner: 'local',
    lastHeartbeat: undefined,
    beats,
    ...overrides,
  };
}
