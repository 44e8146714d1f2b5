import { parseAllowList } from '@fleet/url-guard';
import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send } from '../testing/http';
import { MONITOR } from '../testing/monitor';

let gateway: TestGateway;
let id: string;

beforeAll(async () => {
  const monitorAllow = parseAllowList('hooks.internal:8443', 'FLEET_MONITOR_ALLOW');
  gateway = await createTestGateway({ temporalEnabled: false, config: { monitorAllow } });
  ({ id } = (await post(MONITOR)).body);
});

afterAll(() => gateway.close());

const post = (body: unknown) => send(gateway.app, 'POST', '/v1/monitors', body);
const http = (more: object) => ({ search: { provider: 'http', urls: ['https://example.com/'], ...more } });
const fieldsOf = async (answer: ReturnType<typeof send>) => {
  const { status, body } = await answer;
  return [status, body.errors?.map(({ field }: { field: string }) => field)];
};
const letters = (count: number) => 'x'.repeat(count);

const BROKEN: readonly (readonly [object, readonly string[]])[] = [
  [{ query: letters(9) }, ['query']],
  [{ query: letters(501) }, ['query']],
  [{ query: `        ${letters(9)}` }, ['query']],
  [{ condition: letters(9) }, ['condition']],
  [{ condition: letters(501) }, ['condition']],
  [{ condition: `NUL \0 in the middle` }, ['condition']],
  [{ name: '' }, ['name']],
  [{ name: letters(201) }, ['name']],
  [{ name: 'Tickets\r\nBcc: eve@example.com' }, ['name']],
  [{ name: 'Tickets \u001b[31m' }, ['name']],
  [{ cron: '* * * * * *' }, ['cron']],
  [{ cron: '* * * *' }, ['cron']],
  [{ cron: '60 * * * *' }, ['cron']],
  [{ cron: '0 0 30 2 *' }, ['cron']],
  [{ cron: '0 9 1 * 1' }, ['cron']],
  [{ cron: '@every 10s' }, ['cron']],
  [{ cron: 'every day' }, ['cron']],
  [{ cron: 5 }, ['cron']],
  [{ timezone: 'Mars/Olympus' }, ['timezone']],
  [{ timezone: 'europe/berlin' }, ['timezone']],
  [{ timezone: '+02:00' }, ['timezone']],
  [{ jitter_seconds: 3601 }, ['jitter_seconds']],
  [{ jitter_seconds: -1 }, ['jitter_seconds']],
  [{ jitter_seconds: 1.5 }, ['jitter_seconds']],
  [{ catchup_seconds: 599 }, ['catchup_seconds']],
  [{ catchup_seconds: 31_536_001 }, ['catchup_seconds']],
  [{ notify: 'sometimes' }, ['notify']],
  [{ compare: 'feeling' }, ['compare']],
  [{ email: 'ada' }, ['email']],
  [{ email: 'ada@example.com\r\nBcc: eve@example.com' }, ['email']],
  [{ webhook_url: '' }, ['webhook_url']],
  [{ search: { provider: 'psychic' } }, ['search.provider']],
  [{ search: { provider: 'http' } }, ['search.urls']],
  [http({ urls: [] }), ['search.urls']],
  [http({ urls: Array.from({ length: 6 }, (_, index) => `https://example.com/${index}`) }), ['search.urls']],
  [http({ urls: ['https://example.com/', 7] }), ['search.urls[1]']],
  [http({ contains: '' }), ['search.contains']],
  [http({ model: 'x' }), ['search.model']],
  [{ email: null, state: 'paused' }, ['state']],
  [{ email: null, owner: 'eve' }, ['owner']],
  [{ name: '', query: 'short', cron: 'x', colour: 'red' }, ['name', 'query', 'cron', 'colour']],
];

it.each(BROKEN)('refuses %j, naming each field, when it is created, replaced and changed', async (broken, fields) => {
  const url = `/v1/monitors/${id}`;
  for (const answer of [
    await post({ ...MONITOR, ...broken }),
    await send(gateway.app, 'PUT', url, { ...MONITOR, ...broken }),
    await send(gateway.app, 'PATCH', url, broken),
  ]) {
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    const named = answer.body.errors.map(({ field }: { field: string }) => field);
    expect(named.toSorted()).toEqual(fields.toSorted());
  }
  expect((await send(gateway.app, 'GET', url)).body.version).toBe(1);
});

it('says which provider of searches it was given', async () => {
  const { body } = await post({ ...MONITOR, search: { provider: 'psychic' } });
  expect(body.errors).toEqual([expect.objectContaining({ field: 'search.provider', got: 'psychic' })]);
});

it.each([
  [{ webhook_url: 'http://127.0.0.1/hook' }, ['webhook_url']],
  [{ webhook_url: 'https://10.1.2.3/hook' }, ['webhook_url']],
  [{ webhook_url: 'ftp://example.com/' }, ['webhook_url']],
  [{ webhook_url: 'hook' }, ['webhook_url']],
  [
    http({ urls: ['https://example.com/', 'http://localhost/', 'http://169.254.169.254/x'] }),
    ['search.urls[1]', 'search.urls[2]'],
  ],
  [{ search: { provider: 'llm', urls: ['http://[::1]/'] } }, ['search.urls[0]']],
  [
    { ...http({ urls: ['http://192.168.0.1/'] }), webhook_url: 'http://hooks.internal/' },
    ['search.urls[0]', 'webhook_url'],
  ],
])('refuses the URLs of %j', async (broken, fields) => {
  const url = `/v1/monitors/${id}`;
  for (const answer of [await post({ ...MONITOR, ...broken }), await send(gateway.app, 'PATCH', url, broken)]) {
    expect(answer).toMatchObject({ status: 400, body: { code: 'url_refused' } });
    expect(answer.body.errors.map(({ field }: { field: string }) => field)).toEqual(fields);
  }
});

it('lets the URLs of the allow-list through, and keeps what is right at the edge', async () => {
  const edge = {
    name: letters(200),
    query: letters(10),
    condition: letters(500),
    webhook_url: 'https://hooks.internal:8443/x',
    cron: '  */5  0-23/2 * jan,DEC mon-fri ',
    timezone: 'America/Argentina/Buenos_Aires',
    jitter_seconds: 3600,
    catchup_seconds: 600,
    email: 'ada@example.com',
  };
  const { status, body } = await post({ ...MONITOR, ...edge });
  expect([status, body]).toEqual([
    201,
    expect.objectContaining({ ...edge, cron: '*/5 0-23/2 * jan,DEC mon-fri', compare: 'exact', notify: 'track_state' }),
  ]);
});

it.each(['state=open', 'limit=0', 'limit=101', 'cursor=nonsense', 'colour=red'])('refuses ?%s', async (query) => {
  for (const list of ['', `/${id}/executions`, `/${id}/notifications`]) {
    if (list.endsWith('notifications') && query.startsWith('state')) continue;
    const { status, body } = await send(gateway.app, 'GET', `/v1/monitors${list}?${query}`);
    expect([status, body.code, body.errors.length]).toEqual([400, 'invalid_input', 1]);
  }
});

it('refuses an empty PATCH, a body that is none and an If-Match that is none', async () => {
  const url = `/v1/monitors/${id}`;
  expect(await fieldsOf(send(gateway.app, 'PATCH', url, {}))).toEqual([400, ['body']]);
  expect(await fieldsOf(send(gateway.app, 'PATCH', url))).toEqual([400, ['body']]);
  expect(await fieldsOf(post([]))).toEqual([400, ['body']]);
  for (const tag of ['W/"1"', 'one', '"-1"'])
    expect(await fieldsOf(send(gateway.app, 'PATCH', url, { name: 'x' }, { 'if-match': tag }))).toEqual([
      400,
      ['If-Match'],
    ]);
});

it('answers 404 for a monitor that is not there', async () => {
  const nothing = '/v1/monitors/mon_none';
  for (const [method, url, body] of [
    ['GET', nothing],
    ['PUT', nothing, MONITOR],
    ['PATCH', nothing, { name: 'x' }],
    ['POST', `${nothing}/pause`],
    ['POST', `${nothing}/resume`],
    ['POST', `${nothing}/rotate-webhook-secret`],
    ['GET', `${nothing}/executions`],
    ['GET', `${nothing}/notifications`],
  ] as const)
    expect(await send(gateway.app, method, url, body)).toMatchObject({
      status: 404,
      body: { code: 'monitor_not_found' },
    });
  expect(await send(gateway.app, 'GET', `/v1/monitors/${id}/executions/exe_none`)).toMatchObject({
    status: 404,
    body: { code: 'execution_not_found' },
  });
});
