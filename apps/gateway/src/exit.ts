import { errorText, isFleetError } from '@fleet/errors';

/** Ends the process with exit code 1 and one line on standard error that says what is wrong and what to do. */
export function exitWith(error: unknown): never {
  const line = isFleetError(error) ? `${error.message}. ${error.remedy}` : errorText(error);
  process.stderr.write(`${line.replaceAll(/\s*\n\s*/g, ' ')}\n`);
  process.exit(1);
}
