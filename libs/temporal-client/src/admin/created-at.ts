import type { temporal } from '@temporalio/proto';
import { textIn } from '../memo-text';

/** Key in the memo of a schedule itself, which no update of the schedule touches. */
const KEY = 'fleetCreatedAt';

/** Memo of a schedule that is about to be created: Temporal's list of schedules does not say when one was. */
export function createdNow(): Readonly<Record<string, string>> {
  return { [KEY]: new Date().toISOString() };
}

/** When the schedule with that memo was created; undefined where nobody noted it. */
export function createdAtIn(memo: temporal.api.common.v1.IMemo | null | undefined): Date | undefined {
  const date = new Date(textIn(memo, KEY) ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
