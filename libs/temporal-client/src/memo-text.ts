import type { temporal } from '@temporalio/proto';
import { firstValue } from './payloads';

/** A text of a raw memo; undefined when it has none under that key. */
export function textIn(memo: temporal.api.common.v1.IMemo | null | undefined, key: string): string | undefined {
  const payload = memo?.fields?.[key];
  try {
    const value = payload && firstValue({ payloads: [payload] });
    return typeof value === 'string' ? value : undefined;
  } catch {
    // What others wrote under the same key may be in an encoding of theirs, and must not cost the whole list.
    return undefined;
  }
}
