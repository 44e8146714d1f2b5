import { Readable } from 'node:stream';
import { errorText, FleetError } from '@fleet/errors';

/** Rows of data, the header not counted. */
export const MAX_ROWS = 200_000;
export const MAX_COLUMNS = 200;
const MAX_NAME_CHARACTERS = 200;
// One record: without it, a quote that is never closed would take the whole file into memory first.
const MAX_RECORD_CHARACTERS = 1_000_000;

/** One line of data, as many cells as the header has. */
export interface CsvRecord {
  /** Line in the file where the record ends, the header being line 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A FleetError `invalid_csv`. The reason should name the line or the column. */
export function invalidCsv(reason: string): FleetError {
  return new FleetError('invalid_csv', { reason });
}

/**
 * Reads a CSV as it comes: comma-separated UTF-8 with or without a byte order mark, LF or CRLF, quoted cells as in RFC 4180.
 * Hands the column names over once, then yields the records; blank lines are skipped.
 *
 * @throws FleetError `invalid_csv`: broken quotes, a row with too few or too many cells, a bad header, text that is not
 * UTF-8, or more than 200,000 rows or 200 columns.
 */
export async function* csvRecords(
  bytes: AsyncIterable<Uint8Array>,
  onHeader: (names: readonly string[]) => void,
): AsyncGenerator<CsvRecord> {
  const { CsvError, parse } = await import('csv-parse');
  const parser = parse({
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_CHARACTERS,
  });
  const source = Readable.from(decoded(bytes), { highWaterMark: 2 });
  source.on('error', (error) => parser.destroy(error)).pipe(parser);
  try {
    yield* checked(parser as AsyncIterable<ParsedRecord>, onHeader);
  } catch (error) {
    throw error instanceof CsvError ? invalidCsv(reasonOf(error)) : error;
  } finally {
    source.destroy();
    parser.destroy();
  }
}

interface ParsedRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

async function* checked(
  parsed: AsyncIterable<ParsedRecord>,
  onHeader: (names: readonly string[]) => void,
): AsyncGenerator<CsvRecord> {
  let columns = 0;
  let rows = 0;
  for await (const { record: cells, info } of parsed) {
    if (columns === 0) {
      onHeader(checkedHeader(cells));
      columns = cells.length;
      continue;
    }
    if (cells.length !== columns) {
      throw invalidCsv(`line ${info.lines} has ${cells.length} cells, the header has ${columns}`);
    }
    rows += 1;
    if (rows > MAX_ROWS) throw invalidCsv(`line ${info.lines} is past the limit of 200,000 rows`);
    yield { line: info.lines, cells };
  }
  if (columns === 0) throw invalidCsv('it has no header line');
  if (rows === 0) throw invalidCsv('it has no rows below the header');
}

function checkedHeader(cells: readonly string[]): readonly string[] {
  if (cells.length > MAX_COLUMNS) throw invalidCsv(`the header has ${cells.length} columns, at most 200 are read`);
  const names = cells.map((cell) => cell.trim());
  for (const [index, name] of names.entries()) {
    const place = `column ${index + 1} of the header`;
    if (name === '') throw invalidCsv(`${place} has no name`);
    if (name.length > MAX_NAME_CHARACTERS) throw invalidCsv(`${place} has a name of more than 200 characters`);
    const first = names.indexOf(name);
    if (first !== index) throw invalidCsv(`${place} has the name "${name}", as column ${first + 1} does`);
  }
  return names;
}

// The decoder also takes the byte order mark away. Strict, because a wrong encoding would silently change column names.
async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let offset = 0;
  try {
    for await (const chunk of bytes) {
      const text = decoder.decode(chunk, { stream: true });
      offset += chunk.byteLength;
      yield text;
    }
    decoder.decode();
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    throw invalidCsv(`it is not UTF-8 text (looked at after byte ${offset})`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  INVALID_OPENING_QUOTE: 'a quote stands inside a cell that does not start with one',
  CSV_INVALID_CLOSING_QUOTE: 'a closing quote is followed by more text',
  CSV_MAX_RECORD_SIZE: 'a record has more than 1,000,000 characters, perhaps a quote that is never closed',
};

function reasonOf(error: Error & { readonly code: string; readonly lines?: unknown }): string {
  const reason = REASONS[error.code] ?? errorText(error);
  return typeof error.lines === 'number' ? `line ${error.lines}: ${reason}` : reason;
}
