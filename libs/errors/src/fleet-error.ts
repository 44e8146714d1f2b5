import { ERRORS, type ErrorCode } from './table';

/** The one status below 500 that passes by itself. */
const TOO_MANY_REQUESTS = 429;

/** One field that failed validation. `field` is a path like `input.columns[0]`. */
export interface FieldError {
  readonly field: string;
  readonly rule: string;
  /** The value got, shortened to 200 characters; absent when nothing was sent. */
  readonly got?: unknown;
}

/** Values for the `{placeholders}` of the table's message and remedy. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

/** An error of the table: its code, HTTP status, message with the details filled in, and what to do next. */
export class FleetError extends Error {
  override readonly name = 'FleetError';
  readonly status: number;
  readonly remedy: string;

  constructor(
    readonly code: ErrorCode,
    readonly details: ErrorDetails = {},
    options: { readonly cause?: unknown; readonly fields?: readonly FieldError[] } = {},
  ) {
    const row = ERRORS[code];
    super(fill(row.message, details), options.cause === undefined ? undefined : { cause: options.cause });
    this.status = row.status;
    this.remedy = fill(row.remedy, details);
    this.fields = options.fields ?? [];
  }

  /** Every field that failed, for `invalid_input`; else empty. */
  readonly fields: readonly FieldError[];
}

/** True for an error of the table, also one made by another copy of this module. */
export function isFleetError(error: unknown): error is FleetError {
  return error instanceof Error && error.name === 'FleetError' && 'code' in error;
}

/** True when trying again with the same input can never help, so that no retry is spent on it. */
export function isPermanent(code: ErrorCode): boolean {
  const { status } = ERRORS[code];
  return status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS;
}

/** The text of anything thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `{id}` is the value as it is, `{id:encoded}` the value as a part of a URL: ids may hold slashes and colons. */
function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)(:encoded)?\}/g, (placeholder, name: string, encoded?: string) => {
    const value = details[name];
    if (value === undefined) return placeholder;
    return encoded ? encodeURIComponent(value) : String(value);
  });
}
