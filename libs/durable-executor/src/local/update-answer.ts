import { FleetError } from '@fleet/errors';
import { fromJson } from '../context/json';
import type { JournalStore, StoredMessage, UpdateOutcome } from '../journal-store';
import { UpdateError } from '../update-error';
import type { Host } from './host';

/** Waits between two looks at an update that another process answers, milliseconds. */
const POLL_MS = { first: 10, longest: 250 };

/** Sends an update and waits for its answer, wherever its run is. @throws FleetError what became of it otherwise. */
export async function answerOfUpdate(
  host: Host,
  store: JournalStore,
  name: string,
  send: () => Promise<StoredMessage & { readonly outcome?: UpdateOutcome }>,
): Promise<unknown> {
  const message = await send();
  const outcome = message.outcome ?? (await waitForOutcome(host, store, message));
  const failure = outcome.failure ?? { type: 'Error', message: '', retryable: true };
  switch (outcome.state) {
    case 'completed':
      return fromJson(outcome.value);
    case 'unknown': {
      const { run } = await store.find(message.workflowId, message.runId);
      throw new FleetError('unknown_update', {
        workflow: run.workflow,
        got: JSON.stringify(name),
        names: failure.message,
      });
    }
    case 'rejected':
      throw new UpdateError('update_rejected', name, failure);
    default:
      throw new UpdateError('update_failed', name, failure);
  }
}

async function waitForOutcome(
  host: Host,
  store: JournalStore,
  { messageId, workflowId, runId }: StoredMessage,
): Promise<UpdateOutcome> {
  let told: UpdateOutcome | undefined;
  let wake: (() => void) | undefined;
  const stop = host.onAnswer(messageId, (outcome) => {
    told = outcome;
    wake?.();
  });
  try {
    // The answer may have been recorded between the send and this line.
    for (
      let waitMs = host.get(runId) ? POLL_MS.longest : POLL_MS.first;
      ;
      waitMs = Math.min(waitMs * 2, POLL_MS.longest)
    ) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (told) resolve();
        else setTimeout(resolve, waitMs).unref();
      });
      const outcome = told ?? (await store.outcome(messageId));
      if (outcome) return outcome;
      const { state } = await store.find(workflowId, runId);
      // Looked at after its end once more: an outcome is recorded no later than the end.
      if (state.status === 'running') continue;
      const last = await store.outcome(messageId);
      if (last) return last;
      throw new FleetError('job_closed', { id: workflowId, status: state.status });
    }
  } finally {
    stop();
  }
}
