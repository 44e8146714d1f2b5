import { createServer, type Server } from 'node:http';
import { fleetAt } from './test-cli';

const approval = {
  id: 'apr_1',
  workflow_id: 'order-1',
  owner: 'local',
  type: 'approval',
  action: 'payments.refund',
  summary: 'Refund order 17',
  payload: { amount: 12 },
  confidence: null,
  risk: 'low',
  status: 'modified',
  outcome: { via: 'human', by: 'local', comment: null, value: { amount: 6 }, decided_at: '2026-01-01T00:00:00.000Z' },
  created_at: '2026-01-01T00:00:00.000Z',
  expires_at: '2026-01-01T00:05:00.000Z',
};
const problem = { detail: 'The approval apr_1 was settled before: approved by ada', code: 'approval_settled' };

const seen: { request: string; body: unknown; key: unknown }[] = [];
let refuses = false;
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      const key = request.headers['idempotency-key'];
      seen.push({ request: `${request.method} ${request.url}`, body: text === '' ? undefined : JSON.parse(text), key });
      const list = request.url?.startsWith('/v1/approvals?');
      const body = refuses ? problem : list ? { approvals: [approval], next_cursor: 'more' } : approval;
      response.writeHead(refuses ? 409 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  seen.length = 0;
  refuses = false;
});
afterAll(() => server.close());

const fleet = (...args: string[]) => fleetAt(server, ['approvals', ...args]);

it('lists what is pending, and everything when asked to', async () => {
  const { stdout, stderr } = await fleet('list');
  expect(stdout).toMatch(/ID +TYPE +STATUS.*\napr_1 +approval +modified +payments.refund +Refund order 17/);
  expect(stderr).toBe('more: add --cursor more\n');
  expect(JSON.parse((await fleet('list', '--status', 'all', '--json')).stdout)).toMatchObject({ next_cursor: 'more' });
  expect(seen.map(({ request }) => request)).toEqual([
    'GET /v1/approvals?status=pending&limit=50',
    'GET /v1/approvals?limit=50',
  ]);
});

it('decides', async () => {
  const { stdout } = await fleet(
    'modify',
    'apr_1',
    '--value',
    '{"amount":6}',
    '--comment',
    'half',
    '--idempotency-key',
    'k',
  );
  expect(stdout).toBe('apr_1: modified by local\n');
  await fleet('approve', 'apr_1');
  await fleet('reject', 'apr_1', '--comment', 'no', '--json');
  expect(seen).toEqual([
    {
      request: 'POST /v1/approvals/apr_1/decision',
      body: { decision: 'modify', comment: 'half', value: { amount: 6 } },
      key: 'k',
    },
    { request: 'POST /v1/approvals/apr_1/decision', body: { decision: 'approve' }, key: undefined },
    { request: 'POST /v1/approvals/apr_1/decision', body: { decision: 'reject', comment: 'no' }, key: undefined },
  ]);
});

it('says who was first, and ends with 1; modify without a value is a usage error', async () => {
  refuses = true;
  const { status, stdout, stderr } = await fleet('approve', 'apr_1');
  expect([status, stdout, stderr]).toEqual([1, '', `error: ${problem.detail}\n  code: approval_settled\n`]);
  expect((await fleet('modify', 'apr_1')).status).toBe(2);
});

it('shows one', async () => {
  expect((await fleet('show', 'apr_1')).stdout).toMatch(/payload +\{"amount":12\}[^]*settled .*by local \(human\)/);
});
