import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { FleetError } from '@fleet/errors';

/** The codings asked for. Each costs little to undo, and its output is counted as it comes. */
export const ACCEPTED_CODINGS = 'gzip, deflate, br';

// One is what servers send; more than a few are only ever a bomb.
const MOST_CODINGS = 3;

// Compressing what does not compress adds a little: this much more than the cap may come over the wire.
const WIRE_ALLOWANCE = 65_536;

type Bytes = AsyncIterable<Uint8Array>;

export interface BodyLimits {
  /** Bytes after decompression. */
  readonly maxBytes: number;
  /** The URL as it may be shown, for the error. */
  readonly shown: string;
}

/**
 * Reads a body, undoes its Content-Encoding, and stops at the cap: never more than it, and one block of a decoder, is held
 * in memory, whatever a few compressed bytes would become.
 *
 * @throws FleetError `response_too_large`; `fetch_failed` for a coding that is not known or bytes that are not in it
 */
export async function readBody(stream: Bytes, contentEncoding: string, limits: BodyLimits): Promise<Buffer> {
  let bytes: Bytes = capped(stream, limits.maxBytes + WIRE_ALLOWANCE, limits);
  for (const coding of codingsOf(contentEncoding, limits.shown).toReversed()) bytes = decoded(bytes, coding);
  const chunks: Uint8Array[] = [];
  for await (const chunk of capped(bytes, limits.maxBytes, limits)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function codingsOf(contentEncoding: string, shown: string): readonly string[] {
  const codings = contentEncoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  const unknown = codings.find((coding) => !DECODERS.has(coding));
  if (unknown === undefined && codings.length <= MOST_CODINGS) return codings;
  const reason = unknown === undefined ? 'too many content encodings' : 'an unknown content encoding';
  throw new FleetError('fetch_failed', { url: shown, reason });
}

async function* capped(bytes: Bytes, most: number, { maxBytes, shown }: BodyLimits): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const chunk of bytes) {
    count += chunk.length;
    if (count > most) throw new FleetError('response_too_large', { url: shown, limit: maxBytes });
    yield chunk;
  }
}

// A map: an object also has whatever a server may call its coding, like "constructor".
const DECODERS = new Map<string, (first: Uint8Array) => Transform>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  ['br', () => createBrotliDecompress()],
  // By the standard "deflate" has a zlib header; some servers leave it out. Its low four bits are 8 where there is one.
  ['deflate', ([first = 0]: Uint8Array) => ((first & 0x0f) === 8 ? createInflate() : createInflateRaw())],
]);

async function* decoded(bytes: Bytes, coding: string): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  const first = await iterator.next();
  // A body without bytes, as of HEAD and 204, is no broken archive.
  if (first.done) return;
  const decoder = DECODERS.get(coding)?.(first.value);
  if (!decoder) return;
  const feeding = pipeline(Readable.from(from(first.value, iterator)), decoder);
  // Its failure destroys the decoder, so that the loop below throws it; here it only must not go unhandled.
  feeding.catch(() => {});
  for await (const chunk of decoder) yield chunk as Uint8Array;
  await feeding;
}

async function* from(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}
