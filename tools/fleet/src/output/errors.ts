import { errorText, isFleetError } from '@fleet/errors';
import { CommanderError } from 'commander';
import { GatewayProblem } from '../gateway-api';
import type { Failure } from '../gateway-contract';
import { QuietExit, UsageError } from '../usage-error';
import { paintFor, type Paint } from './colours';
import { note } from './print';

interface Explained {
  readonly message: string;
  /** Of docs/errors.md. */
  readonly code?: string | undefined;
  readonly remedy?: string | undefined;
  readonly fields?: readonly { readonly field: string; readonly rule: string; readonly got?: unknown }[];
}

/** Says on standard error what went wrong and what to do next. Returns the exit code: 2 for usage, else 1. */
export function report(error: unknown): number {
  if (error instanceof QuietExit) return error.exitCode;
  // Commander has written its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  note(explanation(explained(error), paintFor(process.stderr)));
  return error instanceof UsageError ? 2 : 1;
}

/** `error: message`, its remedy, one line per field that failed, and the code. */
export function explanation({ message, code, remedy, fields = [] }: Explained, paint: Paint): string {
  const lines = [`${paint('red', 'error:')} ${message}`];
  if (remedy) lines.push(`  ${remedy}`);
  for (const { field, rule, got } of fields) {
    lines.push(`  ${paint('bold', field)}: ${rule}${got === undefined ? '' : ` (got ${JSON.stringify(got)})`}`);
  }
  if (code !== undefined) lines.push(`  code: ${code}`);
  return lines.join('\n');
}

/** A job's failure in one line and its remedy. */
export function failureText(failure: Failure | null | undefined): string {
  if (!failure) return 'no reason was given';
  return `${failure.code}: ${failure.message}${failure.remedy ? `\n  ${failure.remedy}` : ''}`;
}

function explained(error: unknown): Explained {
  if (error instanceof GatewayProblem) {
    const { code, remedy, errors } = error.problem;
    return { message: error.message, code, remedy, ...(errors && { fields: errors }) };
  }
  if (isFleetError(error)) {
    const { message, code, remedy, fields } = error;
    return { message, code, remedy, fields };
  }
  if (error instanceof UsageError) return { message: error.message, remedy: error.remedy };
  return { message: errorText(error) };
}
