import { createHash, randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { openStore, type Store } from '../store';
import { createTestDatabase, type TestDatabase } from '../test-database';
import { CHUNK_BYTES, MAX_ARTIFACT_BYTES } from './chunks';

let database: TestDatabase;
let store: Store;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
  sql = postgres(database.url, { max: 1 });
});

afterAll(async () => {
  await sql.end();
  await store.close();
  await database.drop();
});

afterEach(() => sql`delete from artifacts`);

const csv = { owner: 'local', type: 'text/csv' };

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function left(): Promise<{ artifacts: number; chunks: number }> {
  const [row] = await sql<[{ artifacts: number; chunks: number }]>`
    select (select count(*)::int from artifacts) as artifacts, (select count(*)::int from artifact_chunks) as chunks`;
  return row;
}

test('5 MB come back as they went in', async () => {
  const bytes = randomBytes(5_000_000);
  // An odd size, so that pieces and chunks never fall together.
  const row = await store.artifacts.put(pieces(bytes, 60_001), { ...csv, name: 'sales.csv' });
  expect(row).toMatchObject({ owner: 'local', name: 'sales.csv', type: 'text/csv', size: 5_000_000, state: 'saved' });
  expect(row.id).toMatch(/^art_[0-9a-z]{20}$/);
  expect(row.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(row.createdAt).toBeInstanceOf(Date);
  expect(await store.artifacts.get(row.id)).toEqual(row);
  const sizes: number[] = [];
  const hash = createHash('sha256');
  for await (const chunk of store.artifacts.read(row.id)) {
    sizes.push(chunk.length);
    hash.update(chunk);
  }
  expect(hash.digest('hex')).toBe(row.sha256);
  expect(sizes.slice(0, -1).every((size) => size === CHUNK_BYTES)).toBe(true);
  expect((await store.artifacts.readAll(row.id)).equals(bytes)).toBe(true);
});

test('a piece larger than a chunk is cut, and the caller keeps its buffer', async () => {
  const bytes = randomBytes(CHUNK_BYTES * 2);
  const row = await store.artifacts.put(bytes, csv);
  expect(await left()).toEqual({ artifacts: 1, chunks: 2 });
  expect((await store.artifacts.readAll(row.id)).equals(bytes)).toBe(true);
});

test('the source is pulled, never pushed: reading one chunk ahead at most', async () => {
  let pulled = 0;
  let stored = 0;
  async function* source() {
    for (; pulled < 8; pulled += 1) {
      const [row] = await sql<[{ chunks: number }]>`select count(*)::int as chunks from artifact_chunks`;
      stored = row.chunks;
      expect(pulled - stored).toBeLessThanOrEqual(1);
      yield Buffer.alloc(CHUNK_BYTES, pulled);
    }
  }
  await store.artifacts.put(source(), csv);
  expect(stored).toBeGreaterThan(5);
});

test('64 MiB fit; one byte more is refused and leaves nothing', async () => {
  const mebibyte = randomBytes(1024 * 1024);
  async function* source(extra: number) {
    for (let count = 0; count < 64; count += 1) yield mebibyte;
    if (extra > 0) yield mebibyte.subarray(0, extra);
  }
  const row = await store.artifacts.put(source(0), csv);
  expect(row.size).toBe(MAX_ARTIFACT_BYTES);
  expect((await store.artifacts.deleteOlderThan(new Date(Date.now() + 60_000))).bytes).toBe(MAX_ARTIFACT_BYTES);
  const tooLarge = store.artifacts.put(source(1), csv);
  await expect(tooLarge).rejects.toMatchObject({ code: 'artifact_too_large', details: { limit: MAX_ARTIFACT_BYTES } });
  expect(await left()).toEqual({ artifacts: 0, chunks: 0 });
}, 60_000);

test('no bytes are refused', async () => {
  await expect(store.artifacts.put(new Uint8Array(), csv)).rejects.toMatchObject({ code: 'empty_artifact' });
  await expect(store.artifacts.put(pieces(Buffer.alloc(0), 1), csv)).rejects.toMatchObject({ code: 'empty_artifact' });
  expect(await left()).toEqual({ artifacts: 0, chunks: 0 });
});

test('a source that breaks leaves nothing, and nothing is readable before the end', async () => {
  async function* broken() {
    yield randomBytes(CHUNK_BYTES * 2);
    yield randomBytes(10);
    const [row] = await sql<[{ id: string; state: string }]>`select id, state from artifacts`;
    expect(row.state).toBe('uploading');
    await expect(store.artifacts.get(row.id)).rejects.toMatchObject({ code: 'artifact_not_found' });
    await expect(store.artifacts.readAll(row.id)).rejects.toMatchObject({ code: 'artifact_not_found' });
    await expect(store.artifacts.markSaved(row.id)).rejects.toMatchObject({ code: 'artifact_not_found' });
    throw new Error('the client hung up');
  }
  await expect(store.artifacts.put(broken(), { ...csv, key: 'k' })).rejects.toThrow('the client hung up');
  expect(await left()).toEqual({ artifacts: 0, chunks: 0 });
});

test('a key stores once, also for ten at the same time, and for each owner apart', async () => {
  const rows = await Promise.all(
    Array.from({ length: 10 }, (_, n) => store.artifacts.put(Buffer.alloc(300_000, n), { ...csv, key: 'k' })),
  );
  expect(new Set(rows.map(({ id }) => id)).size).toBe(1);
  expect(await left()).toEqual({ artifacts: 1, chunks: 2 });
  const unread = { [Symbol.asyncIterator]: () => Promise.reject(new Error('was read')) as never };
  expect(await store.artifacts.put(unread, { ...csv, key: 'k' })).toEqual(rows[0]);
  const other = await store.artifacts.put(Buffer.from('x'), { ...csv, owner: 'other', key: 'k' });
  expect(other.id).not.toBe(rows[0]?.id);
});

test('a staged artefact is readable, and saved once and for all', async () => {
  const row = await store.artifacts.put(Buffer.from('x'), { ...csv, state: 'staged' });
  expect(row.state).toBe('staged');
  expect((await store.artifacts.markSaved(row.id)).state).toBe('saved');
  expect((await store.artifacts.markSaved(row.id)).state).toBe('saved');
  await expect(store.artifacts.markSaved('art_none')).rejects.toMatchObject({ code: 'artifact_not_found' });
});

test('text that looks like SQL is stored as it is; a NUL character is refused', async () => {
  const text = `'; drop table artifacts; -- $1 \${x} \\ " 名 🚀`;
  const row = await store.artifacts.put(Buffer.from('x'), { owner: text, type: text, name: text, key: text });
  expect(await store.artifacts.get(row.id)).toMatchObject({ owner: text, type: text, name: text });
  await expect(store.artifacts.get(text)).rejects.toMatchObject({ code: 'artifact_not_found' });
  const nul = store.artifacts.put(Buffer.from('x'), { ...csv, name: 'a\0b' });
  await expect(nul).rejects.toMatchObject({ code: 'invalid_input' });
});
