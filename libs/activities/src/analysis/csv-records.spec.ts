import { csvRecords, type CsvRecord } from './csv-records';

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
}

async function read(csv: string | Uint8Array, pieceSize = 7) {
  let header: readonly string[] = [];
  const records: CsvRecord[] = [];
  const bytes = typeof csv === 'string' ? Buffer.from(csv) : csv;
  for await (const record of csvRecords(inPieces(bytes, pieceSize), (names) => (header = names))) records.push(record);
  return { header, records };
}

test('reads a byte order mark, CRLF, quotes, line breaks in cells, blank lines and characters cut in two', async () => {
  const csv = '\uFEFF name ,größe\r\n"a ""b"", c",1\r\n\r\n"two\nlines",2\r\n';
  for (const pieceSize of [1, 2, 1000]) {
    expect(await read(csv, pieceSize)).toEqual({
      header: ['name', 'größe'],
      records: [
        { line: 2, cells: ['a "b", c', '1'] },
        { line: 5, cells: ['two\nlines', '2'] },
      ],
    });
  }
});

test.each([
  ['no bytes that count', '\n\n', /no header line/],
  ['a header alone', 'a,b\n', /no rows below the header/],
  ['a short row', 'a,b\n1,2\n3\n', /line 3 has 1 cells, the header has 2/],
  ['a long row', 'a,b\n1,2,3\n', /line 2 has 3 cells, the header has 2/],
  ['a column without a name', 'a,,c\n1,2,3\n', /column 2 of the header has no name/],
  ['a name twice', 'a,b, a\n1,2,3\n', /column 3 of the header has the name "a", as column 1 does/],
  ['a name too long', `${'x'.repeat(201)}\n1\n`, /more than 200 characters/],
  ['a quote never closed', 'a,b\n1,"2\n3,4\n', /line \d: a quote is opened and never closed/],
  ['a quote inside a cell', 'a,b\n1,2"3\n', /line 2: a quote stands inside a cell/],
  ['text after a closing quote', 'a,b\n1,"2"3\n', /line 2: a closing quote is followed by more text/],
  ['a record without end', `a,b\n1,"${'x'.repeat(1_100_000)}`, /more than 1,000,000 characters/],
  [
    '201 columns',
    `${Array.from({ length: 201 }, (_, i) => `c${i}`).join()}\n`,
    /has 201 columns, at most 200 are read/,
  ],
  ['200,001 rows', `a\n${'1\n'.repeat(200_001)}`, /line 200002 is past the limit of 200,000 rows/],
  ['UTF-16', Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le'), /not UTF-8 text/],
  ['a cut character at the end', Buffer.from([0x61, 0x0a, 0x31, 0xc3]), /not UTF-8 text/],
])('refuses %s', async (_, csv, reason) => {
  await expect(read(csv, 100_000)).rejects.toMatchObject({
    code: 'invalid_csv',
    message: expect.stringMatching(reason),
  });
});

test('takes as many rows as allowed', async () => {
  expect((await read(`a\n${'1\n'.repeat(200_000)}`, 100_000)).records).toHaveLength(200_000);
});

test('passes on what the source throws', async () => {
  const reason = new Error('store down');
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a\n1\n');
    throw reason;
  }
  await expect(drain(csvRecords(broken(), () => {}))).rejects.toBe(reason);
});

async function drain(records: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of records);
}
