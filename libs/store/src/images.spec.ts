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

const image = (key: string, artifactId: string) => ({
  key,
  artifactId,
  jobId: 'job',
  owner: 'local',
  prompt: `a "cat'); drop table images; --`,
  renderer: 'gradient',
  width: 640,
  height: 480,
});

test('an image is recorded once for its key, also by ten at once', async () => {
  const { id } = await store.artifacts.put(Buffer.from('x'), { owner: 'local', type: 'image/png' });
  const records = await Promise.all(Array.from({ length: 10 }, () => store.images.record(image('one', id))));
  expect(new Set(records.map((record) => record.id)).size).toBe(1);
  const second = await store.images.record(image('two', id));
  expect(await store.images.findByJob('job')).toEqual([
    { ...image('one', id), id: records[0]?.id, createdAt: expect.any(Date) },
    { ...image('two', id), id: second.id, createdAt: expect.any(Date) },
  ]);
  expect(await store.images.findByJob('none')).toEqual([]);
});

test('an image of an artefact that is not there is refused; one goes with its artefact', async () => {
  await expect(store.images.record(image('lost', 'art_none'))).rejects.toMatchObject({ code: 'artifact_not_found' });
  await store.artifacts.deleteOlderThan(new Date(Date.now() + 60_000));
  expect(await store.images.findByJob('job')).toEqual([]);
});
