import { createServer, type Server } from 'node:http';
import { fleetAt } from './test-cli';

const schedule = {
  id: 'poster',
  kind: 'api',
  owner: 'local',
  workflow: 'generateImage',
  input: { prompt: 'a lighthouse' },
  queue: 'high',
  cron: '0 9 * * 1-5',
  run_at: null,
  timezone: 'Europe/Berlin',
  jitter_seconds: 60,
  catchup_seconds: 3600,
  paused: true,
  note: 'no ink',
  version: 3,
  applied: false,
  failure: 'temporal_unavailable: away',
};
const details = {
  ...schedule,
  next_runs: ['2030-01-01T08:00:00.000Z'],
  recent_runs: [{ workflow_id: 'poster-1', started_at: '2026-01-01T08:00:00.000Z' }],
};

const seen: { request: string; body: unknown; ifMatch: unknown }[] = [];
let deletion = 204;
let server: Server;

function answerTo(method: string, url: string): [number, unknown] {
  if (method === 'DELETE') return [deletion, deletion === 204 ? undefined : { id: 'poster', applied: false }];
  if (url.endsWith('/trigger')) return [202, { workflow_id: 'poster-2', run_id: 'r', location: '/v1/jobs/poster-2' }];
  if (url.endsWith('/backfill')) return [202, { id: 'poster', from: 'A', to: 'B', overlap: 'skip', location: '/' }];
  if (url.startsWith('/v1/schedules?')) return [200, { schedules: [schedule], next_cursor: 'more' }];
  return [200, method === 'GET' ? details : schedule];
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
  deletion = 204;
});
afterAll(() => server.close());

const fleet = (...args: string[]) => fleetAt(server, ['schedules', ...args]);

it('lists and shows', async () => {
  const list = await fleet('list', '--kind', 'api');
  expect(list.stdout).toMatch(
    /ID +KIND +WORKFLOW.*\nposter +api +generateImage +0 9 \* \* 1-5 Europe\/Berlin +yes +not yet/,
  );
  expect(list.stderr).toBe('more: add --cursor more\n');
  const { stdout } = await fleet('show', 'poster');
  expect(stdout).toMatch(
    /paused +yes: no ink\n[^]*applied +not yet: temporal_unavailable: away\nnext runs +2030-01-01 /,
  );
  expect(stdout).toMatch(/last runs +poster-1 \(2026-01-01 /);
  expect(JSON.parse((await fleet('show', 'poster', '--json')).stdout)).toEqual(details);
  expect(seen.map(({ request }) => request).slice(0, 2)).toEqual([
    'GET /v1/schedules?kind=api&limit=50',
    'GET /v1/schedules/poster',
  ]);
});

it('creates and changes', async () => {
  const input = ['--input', '{"prompt":"a lighthouse"}'];
  await fleet(
    'create',
    'generateImage',
    '--id',
    'poster',
    '--cron',
    '0 9 * * 1-5',
    ...input,
    '--jitter',
    '60',
    '--paused',
  );
  await fleet('update', 'poster', '--cron', 'none', '--run-at', '2030-01-01T00:00:00Z', '--if-version', '3');
  expect(seen).toEqual([
    {
      request: 'POST /v1/schedules',
      body: {
        workflow: 'generateImage',
        id: 'poster',
        cron: '0 9 * * 1-5',
        input: { prompt: 'a lighthouse' },
        jitter_seconds: 60,
        paused: true,
      },
      ifMatch: undefined,
    },
    {
      request: 'PATCH /v1/schedules/poster',
      body: { cron: null, run_at: '2030-01-01T00:00:00Z' },
      ifMatch: '"3"',
    },
  ]);
  expect((await fleet('update', 'poster')).status).toBe(2);
  expect((await fleet('create', 'generateImage', '--jitter', 'much')).status).toBe(2);
});

it('pauses, resumes and deletes', async () => {
  expect((await fleet('pause', 'poster', '--reason', 'no ink')).stdout).toContain('yes: no ink');
  await fleet('resume', 'monitor/mon_1');
  expect((await fleet('delete', 'poster')).stdout).toBe('poster: deleted\n');
  deletion = 202;
  expect((await fleet('delete', 'poster')).stdout).toBe('poster: deleted here, and on Temporal once it answers\n');
  expect(seen.slice(0, 3)).toMatchObject([
    { request: 'POST /v1/schedules/poster/pause', body: { reason: 'no ink' } },
    { request: 'POST /v1/schedules/monitor%2Fmon_1/resume' },
    { request: 'DELETE /v1/schedules/poster' },
  ]);
});

it('triggers and backfills', async () => {
  expect((await fleet('trigger', 'poster')).stdout).toBe('poster-2\n');
  const time = ['--from', '2026-01-01T00:00:00Z', '--to', '2026-01-02T00:00:00Z'];
  expect((await fleet('backfill', 'poster', ...time, '--overlap', 'skip')).stdout).toBe(
    'poster: runs from A to B are started\n',
  );
  expect(seen[1]).toMatchObject({
    request: 'POST /v1/schedules/poster/backfill',
    body: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', overlap: 'skip' },
  });
  expect((await fleet('backfill', 'poster')).status).toBe(2);
});
