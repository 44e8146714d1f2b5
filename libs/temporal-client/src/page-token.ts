import { invalidCursor } from './cursor';
import { GRPC, grpcCodeOf } from './grpc-errors';

/** What servers answer to a page token they cannot read. They answer the last two to other things as well. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([GRPC.INVALID_ARGUMENT, GRPC.INTERNAL, GRPC.UNKNOWN]);

/**
 * Makes a call with the page token of a cursor. A server that refuses it, and answers the same call without a token, is
 * well: the token is at fault.
 *
 * @throws FleetError `invalid_input` on `cursor` then, else what the call throws.
 */
export async function withPageToken<Answer>(
  cursor: string | undefined,
  token: Uint8Array | undefined,
  call: (token: Uint8Array | undefined) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await call(token);
  } catch (error) {
    if (cursor === undefined || token === undefined || !REFUSALS.has(grpcCodeOf(error))) throw error;
    const isWell = await call(undefined).then(
      () => true,
      () => false,
    );
    throw isWell ? invalidCursor(cursor, error) : error;
  }
}
