import { FleetError } from '@fleet/errors';

/** Bytes of one row of an artefact: small enough to hold a few per upload, large enough to keep round trips few. */
export const CHUNK_BYTES = 256 * 1024;

/** Bytes of one artefact at most: 64 MiB. */
export const MAX_ARTIFACT_BYTES = 64 * 1024 * 1024;

/** The bytes of an artefact to be stored: at once, or as they come. */
export type ByteSource = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Cuts a source into chunks of CHUNK_BYTES (the last can be shorter; none is empty), holding one chunk at a time. The
 * source is asked for more only when the last chunk was taken.
 *
 * @throws FleetError `artifact_too_large` as soon as the limit is passed; whatever the source throws.
 */
export async function* inChunks(source: ByteSource): AsyncGenerator<Buffer> {
  let total = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;
  for await (const piece of source instanceof Uint8Array ? [source] : source) {
    total += piece.byteLength;
    if (total > MAX_ARTIFACT_BYTES) throw new FleetError('artifact_too_large', { limit: MAX_ARTIFACT_BYTES });
    for (let rest = asBuffer(piece); rest.length > 0;) {
      const part = rest.subarray(0, CHUNK_BYTES - heldBytes);
      rest = rest.subarray(part.length);
      held.push(part);
      heldBytes += part.length;
      if (heldBytes < CHUNK_BYTES) continue;
      yield Buffer.concat(held, heldBytes);
      held = [];
      heldBytes = 0;
    }
  }
  if (heldBytes > 0) yield Buffer.concat(held, heldBytes);
}

/** The same memory, seen as a Buffer. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
