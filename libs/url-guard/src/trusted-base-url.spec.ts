import { startCanary, startServer } from './test-servers';
import { trustedBaseUrl, trustedFetch } from './trusted-base-url';

it('reaches a base URL on loopback, and nothing else', async () => {
  const canary = await startCanary();
  const server = await startServer((request, response) => {
    if (request.url === '/v1/away') response.writeHead(302, { location: `http://127.0.0.1:${canary.port}/` }).end();
    else response.end(request.url);
  });
  try {
    const base = trustedBaseUrl(`${server.url}/v1/`, 'TEST_BASE_URL');
    expect(base.href).toBe(`${server.url}/v1`);
    expect((await trustedFetch(base, '/models?limit=5')).text()).toBe('/v1/models?limit=5');
    await expect(trustedFetch(base, '/away')).rejects.toMatchObject({ details: { rule: 'loopback_address' } });
    expect(() => trustedFetch(base, '../admin')).toThrow(RangeError);
    expect(() => trustedFetch(base, '%2e%2e/admin')).toThrow(RangeError);
    expect(canary.connections()).toBe(0);
  } finally {
    await server.close();
    await canary.close();
  }
});

it('keeps to its host when the path looks like another', async () => {
  const base = trustedBaseUrl('http://127.0.0.1:1', 'TEST_BASE_URL');
  const attempt = trustedFetch(base, '//example.com/');
  await expect(attempt).rejects.toMatchObject({ details: { url: 'http://127.0.0.1:1/…', reason: 'ECONNREFUSED' } });
});

it.each([
  '',
  'example.com',
  'ftp://example.com',
  'http://user:secret@example.com',
  'http://example.com/?key=secret',
  'http://example.com/#x',
])('refuses %j, naming the variable and showing no secret', (text) => {
  const error = { code: 'invalid_variable', message: expect.not.stringContaining('secret') };
  expect(() => trustedBaseUrl(text, 'TEST_BASE_URL')).toThrow(expect.objectContaining(error));
});
