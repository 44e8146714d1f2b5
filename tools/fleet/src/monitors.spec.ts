import { createServer, type Server } from 'node:http';
import { fleetAt } from './test-cli';

const monitor = {
  id: 'mon_1',
  owner: 'local',
  name: 'Tickets',
  query: 'Are there tickets for the play?',
  condition: 'Tickets can be bought',
  search: { provider: 'http', urls: ['https://example.com/'], contains: 'tickets' },
  compare: 'exact',
  notify: 'track_state',
  email: 'ada@example.com',
  webhook_url: null,
  cron: '*/15 * * * *',
  timezone: 'UTC',
  jitter_seconds: 0,
  catchup_seconds: 3600,
  state: 'active',
  version: 3,
  last_condition_met: false,
  failures: 0,
  failure_class: null,
  schedule: { applied: true, next_run: '2026-01-01T00:15:00.000Z' },
};
const execution = {
  id: 'exe_1',
  trigger: 'manual',
  status: 'success',
  summary: 'Tickets are back',
  condition_met: true,
  changed: true,
  comparison: 'hash',
  notify: true,
  reason: 'the condition is met and the state has changed',
  next_run: null,
  failure: null,
  created_at: '2026-01-01T00:00:00.000Z',
  closed_at: '2026-01-01T00:00:01.000Z',
};
const notice = {
  id: 'ntc_1',
  execution_id: 'exe_1',
  channel: 'email',
  address: 'ada@example.com',
  status: 'delivered',
  attempts: 1,
  reason: null,
  created_at: '2026-01-01T00:00:01.000Z',
};
const asked = {
  execution_id: 'exe_1',
  workflow_id: 'monitor/mon_1/exe_1',
  location: '/v1/monitors/mon_1/executions/exe_1',
};

const seen: { request: string; body: unknown; ifMatch: unknown }[] = [];
/** Looks at the run before it has ended. */
let openFor = 0;
let outcome: object = execution;
let server: Server;

function answerTo(method: string, path: string): [number, unknown] {
  if (method === 'DELETE') return [204, undefined];
  if (path.endsWith('/preview')) return [200, { summary: 'Sold out', condition_met: false, state: '{"text":"x"}' }];
  if (path.endsWith('/run')) return [202, asked];
  if (path.endsWith('/executions/exe_1')) return [200, openFor-- > 0 ? { ...execution, status: 'running' } : outcome];
  if (path.includes('/executions?')) return [200, { executions: [execution], next_cursor: 'more' }];
  if (path.includes('/notifications?')) return [200, { notifications: [notice], next_cursor: null }];
  if (path.startsWith('/v1/monitors?')) return [200, { monitors: [monitor], next_cursor: null }];
  return [200, path.endsWith('/rotate-webhook-secret') ? { ...monitor, webhook_secret: 'whsec_x' } : monitor];
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      const { method = '', url = '' } = request;
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      seen.push({ request: `${method} ${url}`, body, ifMatch: request.headers['if-match'] });
      const [status, answer] = answerTo(method, url);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(answer === undefined ? undefined : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  seen.length = 0;
  openFor = 0;
  outcome = execution;
});
afterAll(() => server.close());

const fleet = (...args: string[]) => fleetAt(server, ['monitors', ...args]);

it('lists monitors, their runs and whom they told', async () => {
  expect((await fleet('list', '--state', 'active')).stdout).toMatch(
    /ID +STATE +NAME.*\nmon_1 +active +Tickets +\*\/15 \* \* \* \* +track_state +no +0/,
  );
  const runs = await fleet('executions', 'mon_1', '--limit', '1');
  expect(runs.stdout).toMatch(/exe_1 .* manual +success +yes +yes +yes +the condition is met/);
  expect(runs.stderr).toBe('more: add --cursor more\n');
  expect((await fleet('notifications', 'mon_1')).stdout).toMatch(
    /ntc_1 .* exe_1 +email +ada@example.com +delivered +1/,
  );
  expect(seen.map(({ request }) => request)).toEqual([
    'GET /v1/monitors?state=active&limit=50',
    'GET /v1/monitors/mon_1/executions?limit=1',
    'GET /v1/monitors/mon_1/notifications?limit=50',
  ]);
  expect(JSON.parse((await fleet('list', '--json')).stdout)).toMatchObject({ monitors: [{ id: 'mon_1' }] });
});

it('creates from options, and from a file of JSON with options after it', async () => {
  const options = ['--url', 'https://a.example/', 'https://b.example/', '--contains', 'x', '--cron', 'none'];
  const { stdout } = await fleet('create', '--name', 'N', ...options, '--jitter', '5', '--no-run-immediately');
  expect(stdout).toMatch(/id +mon_1\n[^]*search +http https:\/\/example.com\/[^]*next run /);
  await fleet(
    'create',
    '--spec',
    '{"name":"A","notify":"once"}',
    '--name',
    'B',
    '--provider',
    'llm',
    '--model',
    'auto',
  );
  expect(seen.map(({ body }) => body)).toEqual([
    {
      name: 'N',
      search: { provider: 'http', urls: ['https://a.example/', 'https://b.example/'], contains: 'x' },
      cron: null,
      jitter_seconds: 5,
      run_immediately: false,
    },
    { name: 'B', notify: 'once', search: { provider: 'llm', model: 'auto' } },
  ]);
});

it('changes, pauses, resumes and deletes', async () => {
  await fleet('update', 'mon_1', '--email', 'none', '--if-version', '3');
  await fleet('pause', 'mon_1');
  await fleet('resume', 'mon_1');
  expect((await fleet('rotate-secret', 'mon_1')).stdout).toContain('whsec_x  (keep it');
  expect((await fleet('delete', 'mon_1')).stdout).toBe('mon_1: deleted\n');
  expect(seen.map(({ request }) => request)).toEqual([
    'PATCH /v1/monitors/mon_1',
    'POST /v1/monitors/mon_1/pause',
    'POST /v1/monitors/mon_1/resume',
    'POST /v1/monitors/mon_1/rotate-webhook-secret',
    'DELETE /v1/monitors/mon_1',
  ]);
  expect(seen[0]).toMatchObject({ body: { email: null }, ifMatch: '"3"' });
});

describe('fleet monitors run', () => {
  it('says which run it is, or waits and says what it saw and whom it told', async () => {
    expect((await fleet('run', 'mon_1')).stdout).toBe('exe_1\n');
    openFor = 1;
    const { status, stdout } = await fleet('run', 'mon_1', '--suppress-notifications', '--wait');
    expect(status).toBe(0);
    expect(stdout).toMatch(/saw +Tickets are back\ncondition met +yes\nchanged +yes \(hash\)\n/);
    expect(stdout).toMatch(
      /told +yes: the condition is met and the state has changed\nemail +ada@example.com: delivered\n/,
    );
    expect(seen.filter(({ request }) => request.endsWith('/run')).map(({ body }) => body)).toEqual([
      { suppress_notifications: false },
      { suppress_notifications: true },
    ]);
  });

  it('ends with 1 for a run that failed, or has not ended in time', async () => {
    const failure = { class: 'network', code: 'page_failed', message: 'The page did not answer' };
    outcome = { ...execution, status: 'failed', notify: null, failure };
    const failed = await fleet('run', 'mon_1', '--wait');
    expect([failed.status, failed.stdout]).toEqual([
      1,
      expect.stringContaining('page_failed: The page did not answer'),
    ]);
    openFor = 1;
    const { status, stderr } = await fleet('run', 'mon_1', '--wait', '0s');
    expect([status, stderr]).toEqual([1, 'It is still running; see it with: fleet monitors executions mon_1\n']);
  });
});

it('previews', async () => {
  const { stdout } = await fleet('preview', '--query', 'Q', '--url', 'https://a.example/');
  expect(stdout).toMatch(/^saw +Sold out\ncondition met +no\n\n\{"text":"x"\}\n$/);
  expect(seen[0]).toMatchObject({ body: { query: 'Q', search: { provider: 'http', urls: ['https://a.example/'] } } });
});

it('what is typed wrongly is a usage error', async () => {
  for (const args of [['create', '--spec', '[]'], ['create', '--jitter', 'x'], ['list', '--limit', '101'], ['show']])
    expect((await fleet(...args)).status).toBe(2);
  expect(seen).toEqual([]);
});
