import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import sharp from 'sharp';
import type { ImageRenderer } from './image-renderer';
import { json, startImagesEndpoint, type ImagesEndpoint } from './images-endpoint';
import { createOpenAiRenderer } from './openai-renderer';

const apiKey = 'sk-secret-0123456789';
const request = { prompt: 'a fox', width: 300, height: 200 };
// As in the fleet, where every attempt has its own: the client leaves a listener on it.
const fresh = () => new AbortController().signal;
let endpoint: ImagesEndpoint;
let renderer: ImageRenderer;

beforeAll(async () => {
  endpoint = await startImagesEndpoint();
  renderer = createOpenAiRenderer({ apiKey, baseUrl: endpoint.baseUrl, model: 'gpt-image-1' });
});
beforeEach(() => void (endpoint.seen.length = 0));
afterAll(() => endpoint.close());

const jpeg = () =>
  sharp({ create: { width: 1536, height: 1024, channels: 3, background: '#aa3311' } })
    .jpeg()
    .toBuffer();

test('asks once, in the nearest size, and resizes the answer to a PNG of the size asked for', async () => {
  endpoint.answer = json(200, { created: 1, data: [{ b64_json: (await jpeg()).toString('base64') }] });
  const png = await renderer.render(request, fresh());
  expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 300, height: 200 });
  expect(endpoint.seen).toEqual([
    {
      path: '/v1/images/generations',
      authorization: `Bearer ${apiKey}`,
      body: { model: 'gpt-image-1', prompt: 'a fox', n: 1, size: '1536x1024' },
    },
  ]);
});

test('an older model is asked for bytes instead of an address', async () => {
  endpoint.answer = json(200, { data: [{ b64_json: (await jpeg()).toString('base64') }] });
  const older = createOpenAiRenderer({ apiKey, baseUrl: endpoint.baseUrl, model: 'dall-e-3' });
  await older.render(request, fresh());
  expect(endpoint.seen[0]?.body).toMatchObject({ size: '1024x1024', response_format: 'b64_json' });
});

const refusal = (code: string) => json(400, { error: { message: 'Your request was rejected', code } });

test.each([
  ['429', json(429, { error: { message: 'slow down' } }), 'provider_failed', /openai failed: 429 slow down/],
  ['500', json(500, { error: { message: 'oops' } }), 'provider_failed', /500 oops/],
  ['400', json(400, { error: { message: 'bad size' } }), 'provider_rejected', /refused the request: 400 bad size/],
  ['404', json(404, { error: { message: 'no such model' } }), 'provider_rejected', /no such model/],
  ['400 for its policy', refusal('content_policy_violation'), 'content_rejected', /rejected/],
  ['400 by moderation', refusal('moderation_blocked'), 'content_rejected', /rejected/],
  ['no image', json(200, { data: [{ url: 'http://127.0.0.1/x.png' }] }), 'provider_failed', /no b64_json/],
  ['bytes that are no image', json(200, { data: [{ b64_json: 'AAAA' }] }), 'provider_failed', /not an image/],
  ['a cut connection', (response: ServerResponse) => void response.destroy(), 'provider_failed', /no answer/],
  ['half an answer', cutInTheMiddle, 'provider_failed', /no answer/],
  ['text that is not JSON', garbled, 'provider_failed', /no answer/],
])('%s becomes an error of the table, after one request', async (_, answer, code, message) => {
  endpoint.answer = answer;
  const error = await renderer.render(request, fresh()).catch((thrown: unknown) => thrown as Error);
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  expect(error).not.toHaveProperty('cause');
  expect(endpoint.seen).toHaveLength(1);
});

test('the key is in no message, even when the provider sends it back', async () => {
  for (const echoed of [apiKey, 'sk-sec***6789']) {
    endpoint.answer = json(401, { error: { message: `Incorrect API key provided: ${echoed}.` } });
    const error = await renderer.render(request, fresh()).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'provider_failed', message: expect.stringContaining('[key]') });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(echoed);
  }
});

test('an abort in the middle ends the request and rejects with the reason', async () => {
  const controller = new AbortController();
  const reason = new Error('cancelled');
  const closed = new Promise((resolve) => {
    endpoint.answer = (response) => {
      resolve(once(response, 'close'));
      controller.abort(reason);
    };
  });
  await expect(renderer.render(request, controller.signal)).rejects.toBe(reason);
  // The provider sees that nobody waits any more.
  await closed;
});

function cutInTheMiddle(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"data":', () => response.destroy());
}

function garbled(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":');
}
