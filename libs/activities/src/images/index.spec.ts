import { openStore, type Store } from '@fleet/store';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import sharp from 'sharp';
import { createImageActivities } from '.';
import { testScope } from '../test-scope';
import { createContentFilter } from './content-filter';
import { chooseRenderer } from './choose-renderer';
import type { ImageRenderer } from './image-renderer';
import { createLocalRenderer } from './local-renderer';

const request = { prompt: 'a lighthouse at dusk', width: 128, height: 96 };
let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url, maxConnections: 2 });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

function activitiesWith(renderer: ImageRenderer = createLocalRenderer()) {
  return createImageActivities({ store, renderer, filter: createContentFilter({}) });
}

test('a prompt becomes a staged image, a saved one, and a record', async () => {
  const { validatePrompt, filterContent, renderImage, saveImage, recordImage } = activitiesWith();
  const valid = await validatePrompt({ ...request, prompt: ' a lighthouse  at dusk' }, testScope());
  expect(valid).toEqual(request);
  await filterContent(valid, testScope());

  const { image, renderer } = await renderImage(valid, testScope());
  expect(image).toEqual({
    id: expect.any(String),
    size: expect.any(Number),
    type: 'image/png',
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(await store.artifacts.get(image.id)).toMatchObject({ owner: 'local', state: 'staged' });
  expect(await sharp(await store.artifacts.readAll(image.id)).metadata()).toMatchObject({ width: 128, height: 96 });

  await saveImage({ artifactId: image.id }, testScope());
  await saveImage({ artifactId: image.id }, testScope());
  expect(await store.artifacts.get(image.id)).toMatchObject({ state: 'saved' });

  const scope = testScope({ jobId: 'job-images' });
  const record = { artifactId: image.id, renderer, ...valid };
  const { recordId } = await recordImage(record, scope);
  expect(await recordImage(record, { ...scope, attempt: 2 })).toEqual({ recordId });
  expect(await store.images.findByJob('job-images')).toMatchObject([{ id: recordId, ...record }]);
});

test('a second attempt gives the image of the first and does not ask the renderer again', async () => {
  let asked = 0;
  const local = createLocalRenderer();
  const counting: ImageRenderer = { name: 'local', render: (...all) => ((asked += 1), local.render(...all)) };
  const scope = testScope();
  const { renderImage } = activitiesWith(counting);
  const first = await renderImage(request, scope);
  expect(await renderImage(request, { ...scope, attempt: 2 })).toEqual(first);
  expect(asked).toBe(1);
});

test('what the renderer throws reaches the caller as it is, and nothing is stored', async () => {
  const reason = new Error('cancelled');
  const scope = testScope({ signal: AbortSignal.timeout(0) });
  const failing: ImageRenderer = { name: 'local', render: () => Promise.reject(reason) };
  await expect(activitiesWith(failing).renderImage(request, testScope())).rejects.toBe(reason);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await expect(activitiesWith().renderImage(request, scope)).rejects.toBe(scope.signal.reason);
});

test("another owner's image cannot be saved", async () => {
  const { renderImage, saveImage } = activitiesWith();
  const { image } = await renderImage(request, testScope({ owner: 'ann' }));
  const input = { artifactId: image.id };
  await expect(saveImage(input, testScope({ owner: 'bob' }))).rejects.toMatchObject({ code: 'artifact_not_found' });
  expect(await store.artifacts.get(image.id)).toMatchObject({ state: 'staged' });
});

test('a refused prompt and an invalid one fail with their codes', async () => {
  const { filterContent, validatePrompt } = activitiesWith();
  await expect(filterContent({ prompt: 'gore' }, testScope())).rejects.toMatchObject({ code: 'content_rejected' });
  await expect(validatePrompt({ prompt: '' }, testScope())).rejects.toMatchObject({ code: 'invalid_input' });
});

test.each([
  [{}, 'local'],
  [{ OPENAI_API_KEY: '' }, 'local'],
  [{ OPENAI_API_KEY: 'k' }, 'openai'],
  [{ OPENAI_API_KEY: 'k', FLEET_IMAGE_RENDERER: 'local' }, 'local'],
])('%j chooses %s', (env, name) => {
  expect(chooseRenderer(env).name).toBe(name);
});

test.each([
  [{ FLEET_IMAGE_RENDERER: 'paint' }, /FLEET_IMAGE_RENDERER must be local or openai, got paint/],
  [{ FLEET_IMAGE_RENDERER: 'openai' }, /OPENAI_API_KEY must be set/],
])('%j is refused', (env, message) => {
  expect(() => chooseRenderer(env)).toThrow(message);
});
