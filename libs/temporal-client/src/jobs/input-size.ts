import { FleetError } from '@fleet/errors';

// Temporal's own limit for one payload is 2 MB; past it the server fails the call with an error that names no field.
const LIMIT_BYTES = 1_500_000;
const WARNING_BYTES = 256 * 1024;

/**
 * Bounds an input to 1.5 MB of JSON, and warns over 256 KB: every replay of a workflow reads its input again.
 *
 * @throws FleetError `payload_too_large`.
 */
export function checkInputSize(name: string, input: unknown, warn: (line: string) => void): void {
  const got = Buffer.byteLength(JSON.stringify(input ?? null));
  if (got > LIMIT_BYTES)
    throw new FleetError('payload_too_large', { subject: `input of ${name}`, got, limit: LIMIT_BYTES });
  if (got > WARNING_BYTES) warn(`the input of ${name} is ${got} bytes: store the data as an artefact and pass its id`);
}
