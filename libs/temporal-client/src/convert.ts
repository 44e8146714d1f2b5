import { optionalTsToDate, optionalTsToMs, type Timestamp } from '@temporalio/common/lib/time';

/** What int64 fields are in raw answers: a Long object, or a number when the field is a double. */
export type Int64 = { toNumber(): number } | number | null | undefined;

/** 0 when absent. */
export function toNumber(value: Int64): number {
  if (value === null || value === undefined) return 0;
  return typeof value === 'number' ? value : value.toNumber();
}

/** Seconds of a protobuf Duration; 0 when absent. */
export function toSeconds(duration: Timestamp | null | undefined): number {
  return (optionalTsToMs(duration) ?? 0) / 1000;
}

/** Undefined when absent, and for the zero time that some servers send instead. */
export function toDate(timestamp: Timestamp | null | undefined): Date | undefined {
  const date = optionalTsToDate(timestamp);
  return date && date.getTime() > 0 ? date : undefined;
}

/** The epoch when absent: for times the server always sends. */
export function toDateOrEpoch(timestamp: Timestamp | null | undefined): Date {
  return toDate(timestamp) ?? new Date(0);
}

/** The text, or undefined when it is absent or empty (protobuf does not tell the two apart). */
export function toText(text: string | null | undefined): string | undefined {
  return text ? text : undefined;
}
