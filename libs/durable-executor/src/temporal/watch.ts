import type { Server } from '@fleet/temporal-client/server';
import type { HistoryEvent } from '../executor';
import type { Hooks, RunEvent } from '../hooks';
import type { UnsuccessfulStatus } from '../workflow-ended-error';
import { EventReader, fetchEvents, type RawEvent } from './history';

/** How long one call waits for the next event, milliseconds: a little over what the server holds it. */
const LONG_POLL_MS = 25_000;

/**
 * Follows the events of a run and of those it continues as, and tells the hooks, until the end or until it is aborted. The
 * server records the attempts of an activity when it ends, so hooks hear of them then.
 */
export async function watchRun(
  server: Server,
  first: RunEvent,
  hooks: Required<Hooks>,
  signal: AbortSignal,
): Promise<void> {
  for (let run: RunEvent | undefined = first; run !== undefined;) run = await watchOne(server, run, hooks, signal);
}

/** @returns the run that it continued as. */
async function watchOne(
  server: Server,
  run: RunEvent,
  hooks: Required<Hooks>,
  signal: AbortSignal,
): Promise<RunEvent | undefined> {
  let continuedAs: string | undefined;
  const reader = new EventReader();
  let token: Uint8Array | undefined;
  while (!signal.aborted) {
    try {
      const at = token;
      const page = await server.bounded(
        () =>
          server.connection.withAbortSignal(signal, () =>
            fetchEvents(server, { id: run.workflowId, runId: run.runId }, at, true),
          ),
        LONG_POLL_MS,
      );
      for (const raw of page.events) {
        const event = reader.read(raw);
        tellAttempt(run, hooks, reader, raw);
        if (event) tell(run, hooks, event);
        continuedAs = event?.continuedAs ?? continuedAs;
      }
      token = page.token;
      if (token === undefined) return continuedAs === undefined ? undefined : { ...run, runId: continuedAs };
    } catch (error) {
      if (signal.aborted) return undefined;
      hooks.onError(error);
      await new Promise((resolve) => setTimeout(resolve, 1_000).unref());
    }
  }
  return undefined;
}

function tellAttempt(run: RunEvent, hooks: Required<Hooks>, reader: EventReader, raw: RawEvent): void {
  const begun = reader.attempt(raw);
  if (!begun) return;
  const { name: activity, attempt: attempts, lastFailure } = begun;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    hooks.onActivityStart({ ...run, activity, attempt });
    // Which failure came before the last is not recorded, nor is the wait.
    if (attempt < attempts)
      hooks.onRetry({ ...run, activity, attempt, delayMs: Number.NaN, failure: lastFailure ?? UNKNOWN });
  }
}

function tell(
  run: RunEvent,
  hooks: Required<Hooks>,
  { type, name = '', attempt = 1, failure = UNKNOWN, continuedAs }: HistoryEvent,
): void {
  if (type === 'activity_completed') hooks.onActivityComplete({ ...run, activity: name, attempt });
  if (type === 'activity_failed') hooks.onActivityFail({ ...run, activity: name, attempt, failure });
  if (type === 'signal_received') hooks.onSignal({ ...run, signal: name });
  if (type === 'workflow_completed')
    hooks.onWorkflowComplete({ ...run, status: continuedAs === undefined ? 'completed' : 'continued_as_new' });
  if (type === 'workflow_canceled') hooks.onWorkflowFail({ ...run, status: 'canceled', failure });
  if (type !== 'workflow_failed') return;
  const status: UnsuccessfulStatus =
    failure.type === 'workflow_terminated'
      ? 'terminated'
      : failure.type === 'workflow_timed_out'
        ? 'timed_out'
        : 'failed';
  hooks.onWorkflowFail({ ...run, status, failure });
}

const UNKNOWN = { type: 'Error', message: '', retryable: true };
