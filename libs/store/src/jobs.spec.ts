import type { JobClaim } from './jobs';
import { openStore, type Store } from './store';
import { createTestDatabase, type TestDatabase } from './test-database';

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url });
});

afterAll(async () => {
  await store.close();
  await database.drop();
});

const claimOf = (id: string, more: Partial<JobClaim> = {}): JobClaim => ({
  id,
  workflow: 'learning',
  kind: 'workflow',
  queue: 'standard',
  owner: 'local',
  bodySha256: 'aa',
  ...more,
});

test('a claim is created, found, and started', async () => {
  const { row, created } = await store.jobs.claim(claimOf('one'));
  expect(created).toBe(true);
  expect(row).toMatchObject({ ...claimOf('one'), runId: null, idempotencyKey: null });
  await store.jobs.started('one', 'run-1');
  await store.jobs.started('one', 'run-2');
  expect(await store.jobs.find('one')).toEqual({ ...row, runId: 'run-2' });
  expect(await store.jobs.find('none')).toBeUndefined();
  await expect(store.jobs.started('none', 'run')).rejects.toMatchObject({ code: 'job_not_found' });
});

test('a known key gives the first row, or refuses another body', async () => {
  const first = await store.jobs.claim(claimOf('keyed', { idempotencyKey: 'k' }));
  const again = await store.jobs.claim(claimOf('keyed-again', { idempotencyKey: 'k' }));
  expect(again).toEqual({ row: first.row, created: false });
  const other = store.jobs.claim(claimOf('keyed-other', { idempotencyKey: 'k', bodySha256: 'bb' }));
  await expect(other).rejects.toMatchObject({ code: 'idempotency_key_reused', details: { key: 'k' } });
  const owner = await store.jobs.claim(claimOf('keyed-owner', { idempotencyKey: 'k', owner: 'other' }));
  expect(owner.created).toBe(true);
});

test('a known id gives the row of that id; the key goes before the id', async () => {
  const byId = await store.jobs.claim(claimOf('id-1'));
  expect(await store.jobs.claim(claimOf('id-1', { bodySha256: 'bb' }))).toEqual({ row: byId.row, created: false });
  expect(await store.jobs.claim(claimOf('id-1', { idempotencyKey: 'new' }))).toEqual({ row: byId.row, created: false });
  const byKey = await store.jobs.claim(claimOf('id-2', { idempotencyKey: 'k2' }));
  expect(await store.jobs.claim(claimOf('id-1', { idempotencyKey: 'k2' }))).toEqual({ row: byKey.row, created: false });
});

test.each([
  ['id', () => claimOf('race-id')],
  ['key', (n: number) => claimOf(`race-key-${n}`, { idempotencyKey: 'race' })],
])('of twenty with the same %s at once exactly one is created', async (_, claim) => {
  const claims = await Promise.all(Array.from({ length: 20 }, (__, n) => store.jobs.claim(claim(n))));
  expect(claims.filter(({ created }) => created)).toHaveLength(1);
  expect(new Set(claims.map(({ row }) => row.id)).size).toBe(1);
});

test('owners by id, for text that looks like SQL too', async () => {
  const text = `'; drop table jobs; -- {"a"} \\ 🚀`;
  await store.jobs.claim(claimOf(text, { owner: text, idempotencyKey: text, workflow: text }));
  expect(await store.jobs.find(text)).toMatchObject({ id: text, owner: text, idempotencyKey: text, workflow: text });
  await store.jobs.claim(claimOf('owned'));
  const owners = await store.jobs.owners([text, 'owned', 'none']);
  expect(Object.fromEntries(owners)).toEqual({ [text]: text, owned: 'local' });
  expect(await store.jobs.owners([])).toEqual(new Map());
  expect((await store.jobs.owners(Array.from({ length: 70_000 }, (_, n) => `id-${n}`))).size).toBe(2);
});
