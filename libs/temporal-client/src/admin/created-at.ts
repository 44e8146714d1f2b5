import type { temporal } from '@temporalio/proto';
import { firstValue } from '../payloads';

/** Key in the memo of a schedule itself, which no update of the schedule touches. */
const KEY = 'fleetCreatedAt';

/** Memo of a schedule that is about to be created: Temporal's list of schedules does not say when one was. */
export function createdNow(): Readonly<Record<string, string>> {
  return { [KEY]: new Date().toISOString() };
}

/** When the schedule with that memo was created; undefined where nobody noted it. */
export function createdAtIn(memo: temporal.api.common.v1.IMemo | null | undefined): Date | undefined {
  const payload = memo?.fields?.[KEY];
  const text = payload && textOf(payload);
  const date = new Date(typeof text === 'string' ? text : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** What others wrote under the same key may be in an encoding of theirs, and must not cost the whole list. */
function textOf(payload: temporal.api.common.v1.IPayload): unknown {
  try {
    return firstValue({ payloads: [payload] });
  } catch {
    return undefined;
  }
}
