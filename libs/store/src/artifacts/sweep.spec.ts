import postgres from 'postgres';
import { openStore, type Store } from '../store';
import { createTestDatabase, type TestDatabase } from '../test-database';
import type { ArtifactCursor } from './sweep';

let database: TestDatabase;
let store: Store;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
  sql = postgres(database.url, { max: 2 });
});

afterAll(async () => {
  await sql.end();
  await store.close();
  await database.drop();
});

afterEach(() => sql`delete from artifacts`);

const cutoff = new Date('2026-01-01T00:00:00Z');

/** Old artefacts of 10 bytes, several to each moment so that the id decides; and one that is to stay. */
async function fill(count: number): Promise<void> {
  await sql`
    insert into artifacts (id, owner, type, size, sha256, state, created_at)
    select 'art_' || n, 'local', 'text/plain', 10, 'x', (array['saved', 'staged'])[1 + n % 2],
      ${new Date('2025-01-01T00:00:00.123Z')}::timestamptz + n / 3 * interval '1 ms'
    from generate_series(1, ${count}::int) n`;
  await sql`insert into artifact_chunks (artifact_id, seq, data) select id, 0, '0123456789' from artifacts`;
  await store.artifacts.put(Buffer.from('young'), { owner: 'local', type: 'text/plain' });
}

test('goes batch by batch, resumes after a cursor that went through JSON, and keeps what is young', async () => {
  await fill(25);
  const counts: number[] = [];
  let last: ArtifactCursor | null = null;
  do {
    const result = await store.artifacts.deleteOlderThan(cutoff, { batchSize: 10, after: last });
    counts.push(result.deleted);
    expect(result.bytes).toBe(result.deleted * 10);
    last = JSON.parse(JSON.stringify(result.last)) as ArtifactCursor | null;
  } while (last !== null);
  expect(counts).toEqual([10, 10, 5, 0]);
  const [row] =
    await sql`select count(*)::int as artifacts, (select count(*)::int from artifact_chunks) as chunks from artifacts`;
  expect(row).toEqual({ artifacts: 1, chunks: 1 });
});

test('starts after the cursor', async () => {
  await fill(9);
  const [middle] = await sql<[{ id: string; created_at: Date }]>`
    select id, created_at from artifacts order by created_at, id offset 4 limit 1`;
  const after = { createdAt: middle.created_at.toISOString(), id: middle.id };
  expect((await store.artifacts.deleteOlderThan(cutoff, { after })).deleted).toBe(4);
  expect((await store.artifacts.deleteOlderThan(cutoff)).deleted).toBe(5);
});

async function sweepAll(): Promise<number> {
  let deleted = 0;
  for (let after: ArtifactCursor | null = null; ;) {
    const result = await store.artifacts.deleteOlderThan(cutoff, { batchSize: 7, after });
    if (result.last === null) return deleted;
    deleted += result.deleted;
    after = result.last;
  }
}

test('two at a time share the work', async () => {
  await fill(200);
  const [one, two] = await Promise.all([sweepAll(), sweepAll()]);
  expect(one + two).toBe(200);
});

test('passes over a row somebody holds, without waiting', async () => {
  await fill(3);
  await sql.begin(async (tx) => {
    await tx`select 1 from artifacts where id = 'art_1' for update`;
    expect((await store.artifacts.deleteOlderThan(cutoff)).deleted).toBe(2);
  });
});

test('a batch of large ones ends early, and always deletes one', async () => {
  await sql`
    insert into artifacts (id, owner, type, size, sha256, state, created_at)
    select 'art_' || n, 'local', 'text/plain', 64 * 1024 * 1024, 'x', 'saved', ${new Date('2025-01-01')}
    from generate_series(1, 6) n`;
  expect((await store.artifacts.deleteOlderThan(cutoff)).deleted).toBe(4);
  expect((await store.artifacts.deleteOlderThan(cutoff, { batchSize: 1 })).deleted).toBe(1);
});

test('sweeps an upload that never ended', async () => {
  await sql`
    insert into artifacts (id, owner, type, state, created_at)
    values ('art_lost', 'local', 'text/plain', 'uploading', ${new Date('2025-01-01')})`;
  expect(await store.artifacts.deleteOlderThan(cutoff)).toEqual({
    deleted: 1,
    bytes: 0,
    last: { createdAt: '2025-01-01T00:00:00.000Z', id: 'art_lost' },
  });
});

test.each([0, 1.5, 1001])('refuses a batch size of %p', async (batchSize) => {
  await expect(store.artifacts.deleteOlderThan(cutoff, { batchSize })).rejects.toThrow(RangeError);
});
