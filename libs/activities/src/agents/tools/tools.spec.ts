import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseAllowList } from '@fleet/url-guard';
import { testScope } from '../../test-scope';
import { createToolRegistry, defineTool } from '../tool';
import { calculate, calculator } from './calculator';
import { createHttpGet } from './http-get';

describe('calculator', () => {
  test.each([
    ['6*7', 42],
    ['1 + 2 * 3 ^ 2', 19],
    ['2 ** 3 ^ 2', 512],
    ['(1 + 2) * sqrt(16) ^ 2', 48],
    ['-3 + 5', 2],
    ['10 % 4 - -1', 3],
    ['max(1, 2, 3) + min(4, 5)', 7],
    ['round(100 * sin(pi / 6)) / 100', 0.5],
    ['ln(e)', 1],
    ['1.5e3', 1500],
  ])('%s = %d', (expression, result) => {
    expect(calculate(expression)).toBe(result);
  });

  test.each([
    '1 +',
    '(1 + 2',
    '"a" + "b"',
    'process',
    'process.exit(1)',
    'constructor',
    'constructor("return 1")()',
    'sqrt.constructor("return process")()',
    '[1][0]',
    '1 ? 2 : 3',
    'x = 1',
    '1; 2',
    'true',
    'this',
    '1 / 0',
    'sqrt(0 - 1)',
    '-2 ^ 2',
    '`1`',
  ])('refuses %s', (expression) => {
    expect(() => calculate(expression)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });
});

describe('a registry', () => {
  const tools = createToolRegistry([calculator, { ...calculator, name: 'other' }]);

  test('describes the tools asked for, with the schema of their arguments', () => {
    expect(tools.names).toEqual(['calculator', 'other']);
    const [described, ...more] = tools.describe(['calculator', 'none']);
    expect(more).toEqual([]);
    expect(described?.parameters).toMatchObject({
      type: 'object',
      required: ['expression'],
      additionalProperties: false,
    });
  });

  test.each([
    ['none', '{}', 'unknown_tool'],
    ['calculator', '{', 'invalid_input'],
    ['calculator', '{"expression":1}', 'invalid_input'],
    ['calculator', '{"expression":"1","extra":1}', 'invalid_input'],
  ])('%s %s is %s', async (name, text, code) => {
    await expect(async () => tools.run(name, text, testScope())).rejects.toMatchObject({ code });
  });

  test('has each name once', () => {
    expect(() => createToolRegistry([calculator, calculator])).toThrow(RangeError);
    expect(() => defineTool({ ...calculator, name: 'a b' })).toThrow(RangeError);
  });
});

describe('httpGet', () => {
  let server: Server;
  let url: string;
  const keys: unknown[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      keys.push(request.headers['idempotency-key']);
      if (request.url === '/away') response.writeHead(302, { location: 'http://127.0.0.2/' }).end();
      else if (request.url === '/image') response.writeHead(200, { 'content-type': 'image/png' }).end('1234');
      else response.writeHead(200, { 'content-type': 'text/plain' }).end('hello');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('reads nothing of this machine, unless the operator lets it', async () => {
    const guarded = createToolRegistry([createHttpGet([])]);
    for (const target of [url, 'http://169.254.169.254/', 'http://[::1]/', 'file:///etc/passwd'])
      await expect(guarded.run('httpGet', JSON.stringify({ url: target }), testScope())).rejects.toMatchObject({
        code: 'url_refused',
      });
    expect(keys).toEqual([]);
  });

  test('answers with the text, not with bytes, and follows no redirect elsewhere', async () => {
    const allow = parseAllowList(new URL(url).host, 'TEST');
    const tools = createToolRegistry([createHttpGet(allow)]);
    const get = (path: string) =>
      tools.run('httpGet', JSON.stringify({ url: `${url}${path}` }), testScope({ idempotencyKey: 'k' }));
    expect(await get('/')).toEqual({ status: 200, type: 'text/plain', url: `${url}/`, text: 'hello' });
    expect(await get('/image')).toMatchObject({ text: '(4 bytes of image/png)' });
    await expect(get('/away')).rejects.toMatchObject({ code: 'url_refused' });
    expect(keys).toEqual(['k', 'k', 'k']);
  });
});
