import { FleetError, isFleetError } from '@fleet/errors';
import type { ActivityOptions, ChildOptions, DetachedOptions } from '../context';
import { resolveActivityOptions } from '../context/activity-options';
import { toPositiveMs } from '../context/duration';
import { failureOf } from '../context/failure';
import { fromJson, toJson } from '../context/json';
import type { WorkflowOutcome } from '../executor';
import type { JournalEntry } from '../journal-store';
import { isUsable, requireId } from '../target';
import { ActivityTask, type ActivityListener } from './activity-task';
import { OwnershipLost } from './journal-writer';
import type { EntryParts } from './journal';
import type { Command, WorkflowRun } from './run';

/** A timer. Its entry says when it fires, so that a restart does not begin it anew. */
export function timerCommand(run: WorkflowRun, ms: number): Command {
  const { clock } = run.services;
  return {
    type: 'timer',
    name: '',
    make: () => ({ detail: JSON.stringify({ fireAt: clock.now() + ms }) }),
    begin: (operation, entry) => {
      const { fireAt } = fromJson(entry.detail) as { fireAt: number };
      return clock.schedule(Math.max(0, fireAt - clock.now()), () =>
        run.deliver({ type: 'timer_fired', operation, name: '' }),
      );
    },
  };
}

/** An activity with its attempts. @throws FleetError before anything starts, for a call that cannot be made. */
export function activityCommand(run: WorkflowRun, name: string, given: ActivityOptions, input: unknown): Command {
  const options = resolveActivityOptions(given);
  const implementation = run.services.activities.get(name);
  if (implementation === undefined) throw unknownActivity(name, run.services.activities);
  const json = toJson(input, `input of ${name}`);
  const { id: jobId, runId, owner } = run.run;
  return {
    type: 'activity',
    name,
    make: () => ({}),
    begin: (operation) => {
      const order = {
        name,
        input: fromJson(json),
        options,
        idempotencyKey: `${jobId}/${runId}/${operation}`,
        jobId,
        owner,
      };
      const resumed = run.lastAttempt(operation);
      const task = new ActivityTask(
        { ...order, ...resumed },
        implementation,
        run.services.clock,
        listenerOf(run, name, operation),
      );
      task.start();
      return (reason) => task.cancel(reason);
    },
  };
}

function unknownActivity(name: string, activities: ReadonlyMap<string, unknown>): FleetError {
  const names = [...activities.keys()].toSorted().join(', ') || 'none';
  return new FleetError('unknown_activity', { got: JSON.stringify(name), names });
}

function listenerOf(run: WorkflowRun, activity: string, operation: number): ActivityListener {
  const { hooks } = run.services;
  const event = (attempt: number) => ({ ...run.event, activity, attempt });
  const deliver = (parts: Pick<EntryParts, 'type' | 'value' | 'detail'>): void =>
    run.deliver({ operation, name: activity, ...parts });
  return {
    async allowed() {
      await run.services.mayBegin();
      await run.writer?.settled();
    },
    started: ({ attempt }) => hooks.onActivityStart(event(attempt)),
    retrying(attempt, failure, delayMs, heartbeat) {
      const detail = { attempt, failure, notBefore: run.services.clock.now() + delayMs, heartbeat };
      run.journal.add({ type: 'activity_retrying', operation, name: activity, detail: JSON.stringify(detail) });
      hooks.onRetry({ ...event(attempt), failure, delayMs });
    },
    completed(value, attempt) {
      hooks.onActivityComplete(event(attempt));
      deliver({
        type: 'activity_completed',
        ...(value !== undefined && { value }),
        detail: JSON.stringify({ attempt }),
      });
    },
    failed(failure, attempt) {
      hooks.onActivityFail({ ...event(attempt), failure });
      deliver({ type: 'activity_failed', detail: JSON.stringify({ attempt, failure }) });
    },
  };
}

/** A child workflow, waited for. */
export function childCommand(run: WorkflowRun, workflow: string, input: unknown, options: ChildOptions = {}): Command {
  const { children, clock, defaultTimeoutMs } = run.services;
  const json = toJson(input, `input of ${workflow}`);
  const timeoutMs = options.timeout === undefined ? defaultTimeoutMs : toPositiveMs(options.timeout, 'timeout');
  if (options.id !== undefined) requireId(options.id);
  const { owner, runId: parentRunId } = run.run;
  let childId = '';
  return {
    type: 'child',
    name: workflow,
    make: (operation) => ({
      detail: JSON.stringify({ childId: options.id ?? childIdOf(run.run.id, parentRunId, operation) }),
    }),
    begin: (operation, entry) => {
      childId = (fromJson(entry.detail) as { childId: string }).childId;
      const order = { id: childId, workflow, owner, parentRunId, timeoutAt: clock.now() + timeoutMs };
      const work = async (): Promise<WorkflowOutcome<unknown>> => {
        await run.services.mayBegin();
        await run.writer?.settled();
        await children.start({ ...order, ...(json !== undefined && { input: json }) });
        return children.outcome(childId);
      };
      work().then(
        (outcome) => run.deliver(childEnded(operation, entry, childId, outcome)),
        (error: unknown) =>
          run.deliver(childEnded(operation, entry, childId, { status: 'failed', failure: failureOf(error) })),
      );
      return (reason) => {
        if (!(reason instanceof OwnershipLost))
          void children.terminate(childId, 'its parent has ended').catch(() => undefined);
      };
    },
    onCancel: (reason) => void children.cancel(childId, reason).catch(() => undefined),
  };
}

/** A workflow of its own, waited for until it is started. */
export function detachedCommand(run: WorkflowRun, workflow: string, input: unknown, options: DetachedOptions): Command {
  const { children, clock, defaultTimeoutMs } = run.services;
  const json = toJson(input, `input of ${workflow}`);
  const timeoutMs = options.timeout === undefined ? defaultTimeoutMs : toPositiveMs(options.timeout, 'timeout');
  const { id } = options;
  const { owner } = run.run;
  return {
    type: 'child',
    name: workflow,
    make: () => ({ detail: JSON.stringify({ childId: id, detached: true }) }),
    begin: (operation, entry) => {
      const order = { id, workflow, owner, timeoutAt: clock.now() + timeoutMs };
      const work = async (): Promise<void> => {
        await run.services.mayBegin();
        await run.writer?.settled();
        await children.start({ ...order, ...(json !== undefined && { input: json }) }).catch((error: unknown) => {
          if (!isFleetError(error) || error.code !== 'job_exists') throw error;
        });
      };
      const started: WorkflowOutcome<unknown> = { status: 'completed', result: undefined };
      work().then(
        () => run.deliver(childEnded(operation, entry, id, started)),
        (error: unknown) =>
          run.deliver(childEnded(operation, entry, id, { status: 'failed', failure: failureOf(error) })),
      );
      return () => undefined;
    },
  };
}

/** Without the parent's id where that leaves no room: an id that is too long could be started and never addressed. */
function childIdOf(parentId: string, parentRunId: string, operation: number): string {
  const id = `${parentId}/${parentRunId}/${operation}`;
  return isUsable(id) ? id : `${parentRunId}/${operation}`;
}

function childEnded(
  operation: number,
  { name }: JournalEntry,
  childId: string,
  outcome: WorkflowOutcome<unknown>,
): EntryParts {
  if (outcome.status !== 'completed') {
    const detail = { childId, status: outcome.status, failure: outcome.failure };
    return { type: 'child_ended', operation, name, detail: JSON.stringify(detail) };
  }
  const value = outcome.result === undefined ? undefined : JSON.stringify(outcome.result);
  return {
    type: 'child_ended',
    operation,
    name,
    ...(value !== undefined && { value }),
    detail: JSON.stringify({ childId }),
  };
}
