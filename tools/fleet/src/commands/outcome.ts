import type { JobOutcome } from '../gateway-contract';
import { failureText } from '../output/errors';
import { note, print } from '../output/print';
import { QuietExit } from '../usage-error';
import { hasEnded } from '../wait-for-end';

/**
 * The result on standard output, and nothing else there, so that it can be piped. A job that failed or still runs is
 * told on standard error and ends the command with exit code 1.
 */
export function showOutcome(outcome: JobOutcome, json: boolean | undefined): void {
  if (json) print(JSON.stringify(outcome, null, 2));
  else if (outcome.status === 'completed') print(JSON.stringify(outcome.result ?? null, null, 2));
  else if (hasEnded(outcome.status)) note(`error: the job ${outcome.status}: ${failureText(outcome.failure)}`);
  else
    note(
      `${outcome.workflow_id} is still ${outcome.status}; wait longer with: fleet result ${outcome.workflow_id} --wait`,
    );
  if (outcome.status !== 'completed') throw new QuietExit(1);
}
