import { randomUUID } from 'node:crypto';
import type { WorkflowDefinition } from '../context';
import type { DurableExecutor, HistoryEvent } from '../executor';
import type { Hooks } from '../hooks';
import type { ActivityLog } from './activities';

/** What a spec hands to the suite. */
export interface Subject {
  readonly executor: DurableExecutor;
  readonly log: ActivityLog;
  stop(): Promise<void>;
}

/** What the tests of the suite work with. */
export interface Harness {
  readonly executor: DurableExecutor;
  readonly log: ActivityLog;
  /** What the hooks were told since the test began. */
  readonly told: readonly string[];
  /** Runs a workflow to its result. */
  run<Input, Output>(workflow: WorkflowDefinition<Input, Output>, input: Input): Promise<Output>;
}

/** An error of the table with that code. */
export const code = (expected: string): unknown => expect.objectContaining({ code: expected });

export const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** An id that no other test has. */
export const newId = (): string => `c-${randomUUID()}`;

/** Types of events, each with the name it is about. */
export const typesOf = (events: readonly HistoryEvent[]): string[] =>
  events.map(({ type, name }) => (name === undefined ? type : `${type} ${name}`));

/** Resolves once `read` gives what the matcher wants; fails with the last difference. */
export async function eventually<T>(read: () => T | Promise<T>, expected: unknown, withinMs = 5_000): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    const value = await read();
    try {
      return expect(value).toEqual(expected);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await pause(20);
  }
}

/** Hooks that note what they are told. */
export function recorder(who: string, told: string[]): Hooks {
  return {
    onWorkflowStart: ({ workflow }) => void told.push(`${who} start ${workflow}`),
    onWorkflowComplete: ({ workflow }) => void told.push(`${who} complete ${workflow}`),
    onWorkflowFail: ({ workflow, status }) => void told.push(`${who} fail ${workflow} ${status}`),
    onActivityStart: ({ activity, attempt }) => void told.push(`${who} activity start ${activity} ${attempt}`),
    onActivityComplete: ({ activity }) => void told.push(`${who} activity complete ${activity}`),
    onActivityFail: ({ activity, failure }) => void told.push(`${who} activity fail ${activity} ${failure.type}`),
    onSignal: ({ signal }) => void told.push(`${who} signal ${signal}`),
    onRetry: ({ activity, attempt }) => void told.push(`${who} retry ${activity} ${attempt}`),
  };
}
