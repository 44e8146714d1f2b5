import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send } from '../testing/http';
import { MONITOR, runThrough } from '../testing/monitor';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await createTestGateway();
  // The first schedule of a namespace may take a busy server seconds; those after it are there at once.
  const id = await create();
  while ((await call('GET', `/${id}`)).body.schedule.next_run === null)
    await new Promise((resolve) => setTimeout(resolve, 100));
  await call('DELETE', `/${id}`);
}, 60_000);

afterAll(() => gateway.close());

const call = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path = '', body?: unknown, ifMatch?: string) =>
  send(gateway.app, method, `/v1/monitors${path}`, body, ifMatch === undefined ? {} : { 'if-match': ifMatch });
const post = (body: object) => send(gateway.app, 'POST', '/v1/monitors', body, { 'idempotency-key': 'one monitor' });
const onTemporal = (id: string) => gateway.client.describeSchedule(`monitor/${id}`);

async function create(more: object = {}): Promise<string> {
  const { status, body } = await call('POST', '', { ...MONITOR, ...more });
  expect(status).toBe(201);
  return body.id;
}

/** Epoch milliseconds of the next half past that hour, UTC. */
function nextHalfPast(hour: number): number {
  const at = new Date();
  at.setUTCHours(hour, 30, 0, 0);
  return at.getTime() > Date.now() ? at.getTime() : at.getTime() + 86_400_000;
}

describe('POST /v1/monitors', () => {
  it('makes a monitor, and its schedule on Temporal at once', async () => {
    const { status, headers, body } = await call('POST', '', { ...MONITOR, cron: '30 4 * * *', jitter_seconds: 0 });
    expect([status, headers['location'], headers['etag']]).toEqual([201, `/v1/monitors/${body.id}`, '"1"']);
    expect(body).toMatchObject({
      ...MONITOR,
      cron: '30 4 * * *',
      owner: 'local',
      state: 'active',
      version: 1,
      notify: 'track_state',
      compare: 'exact',
      email: null,
      schedule: { applied: true, next_run: new Date(nextHalfPast(4)).toISOString() },
    });
    expect(body).not.toHaveProperty('webhook_secret');
    expect(await onTemporal(body.id)).toMatchObject({ workflow: 'monitor', queue: 'scheduled', cron: '30 4 * * *' });
    const shown = await call('GET', `/${body.id}`);
    expect([shown.status, shown.headers['etag'], shown.body]).toEqual([200, '"1"', body]);
  });

  it('runs one without a cron at once, and one with a cron when asked to', async () => {
    for (const more of [{ cron: null }, { cron: '30 4 1 1 *', run_immediately: true }]) {
      const id = await create(more);
      let started = await onTemporal(id);
      for (const end = Date.now() + 20_000; started.recentRuns.length === 0 && Date.now() < end;)
        started = await onTemporal(id);
      expect(started.recentRuns).toHaveLength(1);
    }
    const later = (await call('GET', `/${await create({ cron: null, run_immediately: false })}`)).body;
    const hours = (Date.parse(later.schedule.next_run) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23);
  });

  it('makes one monitor for one Idempotency-Key, however often it is sent', async () => {
    const body = { ...MONITOR, webhook_url: 'https://example.com/hook' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => post(body)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(answers.map(({ headers }) => headers['location'])).size).toBe(1);
    const first = answers.filter(({ body: { webhook_secret: secret } }) => secret !== undefined);
    const replayed = answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true');
    expect([first.length, replayed.length]).toEqual([1, 4]);
    expect(await post({ ...body, name: 'Other' })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    await call('DELETE', `/${answers[0]?.body.id}`);
    expect((await post(body)).body.webhook_secret).toMatch(/^whsec_/);
  });

  it('tells the secret of a webhook once, when it is made', async () => {
    const { headers, body } = await call('POST', '', { ...MONITOR, webhook_url: 'https://example.com/hook' });
    expect(body.webhook_secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(headers['cache-control']).toBe('no-store');
    const path = `/${body.id}`;
    for (const answer of [
      await call('GET', path),
      await call('PATCH', path, { name: 'Other' }),
      await call('PATCH', path, { webhook_url: 'https://example.com/hook' }),
      await call('POST', `${path}/pause`),
    ]) {
      expect(answer.status).toBe(200);
      expect(answer.body).not.toHaveProperty('webhook_secret');
    }
    const rotated = await call('POST', `${path}/rotate-webhook-secret`);
    const moved = await call('PATCH', path, { webhook_url: 'https://example.com/other' });
    const secrets = [body, rotated.body, moved.body].map(({ webhook_secret: secret }) => secret);
    expect(new Set(secrets).size).toBe(3);
    const { status, body: problem } = await call('POST', `/${await create()}/rotate-webhook-secret`);
    expect([status, problem.code]).toEqual([400, 'not_supported']);
    expect(gateway.logged.join('')).not.toContain('whsec_');
  });
});

describe('PUT and PATCH /v1/monitors/{id}', () => {
  it('PUT replaces the whole: the new spec and next run are there at once', async () => {
    const id = await create({ email: 'ada@example.com', notify: 'always' });
    const cron = '30 16 * * *';
    const { status, headers, body } = await call('PUT', `/${id}`, { ...MONITOR, cron, timezone: 'UTC' });
    expect([status, headers['etag']]).toEqual([200, '"2"']);
    const next = new Date(nextHalfPast(16)).toISOString();
    expect(body).toMatchObject({
      cron,
      email: null,
      notify: 'track_state',
      schedule: { applied: true, next_run: next },
    });
    const { cron: written, nextRuns } = await onTemporal(id);
    expect([written, nextRuns[0]?.toISOString()]).toEqual([cron, next]);
  });

  it('PATCH changes what is named', async () => {
    const id = await create({ email: 'ada@example.com' });
    const { body } = await call('PATCH', `/${id}`, { name: 'Other', timezone: 'Asia/Tokyo' });
    expect(body).toMatchObject({ ...MONITOR, name: 'Other', timezone: 'Asia/Tokyo', email: 'ada@example.com' });
    expect((await call('PATCH', `/${id}`, { email: null })).body).toMatchObject({ name: 'Other', email: null });
  });

  it('of two with the same If-Match one is answered with 412 and the version that there is', async () => {
    const id = await create();
    const both = await Promise.all(
      ['a', 'b'].map((name) => call('PATCH', `/${id}`, { name, cron: '1 2 3 4 *' }, '"1"')),
    );
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
    const refused = both.find(({ status }) => status === 412);
    expect(refused?.body).toMatchObject({ code: 'monitor_changed', location: `/v1/monitors/${id}` });
    expect(refused?.body.detail).toContain('version 2');
    expect((await call('PUT', `/${id}`, MONITOR, '"1"')).status).toBe(412);
    expect((await call('PUT', `/${id}`, MONITOR, '"2"')).status).toBe(200);
    expect((await call('PUT', `/${id}`, MONITOR, '*')).body.version).toBe(4);
  });

  it('of many at once each is there in the end, on Temporal too', async () => {
    const id = await create();
    const changes = [
      { name: 'N' },
      { jitter_seconds: 9 },
      { cron: '7 7 * * *' },
      { timezone: 'Europe/Paris' },
      { email: 'x@y.example' },
    ];
    const answers = await Promise.all(changes.map((change) => call('PATCH', `/${id}`, change)));
    expect(answers.map(({ status }) => status)).toEqual(changes.map(() => 200));
    const { body } = await call('GET', `/${id}`);
    expect(body).toMatchObject({ ...Object.assign({}, ...changes), version: 6, schedule: { applied: true } });
    expect(await onTemporal(id)).toMatchObject({ cron: '7 7 * * *' });
  });
});

describe('pause and resume', () => {
  it('do nothing twice, and are those of the schedule', async () => {
    const id = await create();
    for (const [action, paused, version] of [
      ['pause', true, 2],
      ['pause', true, 2],
      ['resume', false, 3],
      ['resume', false, 3],
    ] as const) {
      const { status, body } = await call('POST', `/${id}/${action}`);
      expect([status, body]).toEqual([
        200,
        expect.objectContaining({ state: paused ? 'paused' : 'active', version }) as object,
      ]);
      expect((await onTemporal(id)).paused).toBe(paused);
      expect(body.schedule.next_run === null).toBe(paused);
    }
  });

  it('a change does not clear a pause', async () => {
    const id = await create();
    await call('POST', `/${id}/pause`);
    expect((await call('PUT', `/${id}`, { ...MONITOR, cron: '1 1 * * *' })).body.state).toBe('paused');
    expect(await onTemporal(id)).toMatchObject({ paused: true, cron: '1 1 * * *' });
  });

  it('nor do twenty editors while it is made: each change that was taken is there or was followed by a later one', async () => {
    const id = await create();
    const edit = async (editor: number): Promise<{ version: number; cron: string }[]> => {
      const taken: { version: number; cron: string }[] = [];
      for (let round = 0; round < 5; round += 1) {
        const { headers } = await call('GET', `/${id}`);
        const cron = `${editor} ${round} * * *`;
        const { status, body } = await call('PATCH', `/${id}`, { cron }, String(headers['etag']));
        expect([200, 412]).toContain(status);
        if (status === 200) taken.push({ version: body.version, cron });
      }
      return taken;
    };
    const edits = Promise.all(Array.from({ length: 20 }, (_, editor) => edit(editor)));
    const paused = await call('POST', `/${id}/pause`);
    const taken = (await edits).flat();
    const { body } = await call('GET', `/${id}`);
    expect([paused.status, body.state, body.version]).toEqual([200, 'paused', taken.length + 2]);
    const versions = [...taken.map(({ version }) => version), paused.body.version as number];
    expect(new Set(versions).size).toBe(versions.length);
    const last = taken.toSorted((a, b) => b.version - a.version)[0];
    expect(body.cron).toBe(last?.cron ?? MONITOR.cron);
    expect(await onTemporal(id)).toMatchObject({ cron: body.cron, paused: true });
  }, 60_000);

  it('at the same time: whoever comes too late is told, and Temporal has what the row says', async () => {
    const id = await create();
    const actions = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? 'pause' : 'resume'));
    const answers = await Promise.all(actions.map((action) => call('POST', `/${id}/${action}`)));
    for (const { status, body } of answers.filter((answer) => answer.status !== 200))
      expect([status, body.code]).toEqual([409, 'monitor_state_conflict']);
    const { body } = await call('GET', `/${id}`);
    expect((await onTemporal(id)).paused).toBe(body.state === 'paused');
  });

  it('a completed monitor is resumed, and not paused', async () => {
    const id = await create({ cron: null });
    await runThrough(gateway, id, { final: true });
    const refused = await call('POST', `/${id}/pause`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'monitor_state_conflict' } });
    expect(refused.body.detail).toContain('completed');
    expect(await call('PATCH', `/${id}`, { name: 'Done' })).toMatchObject({
      status: 200,
      body: { state: 'completed' },
    });
    await expect(onTemporal(id)).rejects.toMatchObject({ code: 'schedule_not_found' });
    expect((await call('POST', `/${id}/resume`)).body).toMatchObject({ state: 'active', schedule: { applied: true } });
    expect((await onTemporal(id)).paused).toBe(false);
  });
});

it('DELETE is answered with 204, also for one that is gone or completed, and takes the schedule along', async () => {
  const id = await create();
  const completed = await create({ cron: null });
  await runThrough(gateway, completed, { final: true });
  for (const path of [`/${id}`, `/${id}`, `/${completed}`, '/mon_none']) {
    const { status, body } = await call('DELETE', path);
    expect([status, body]).toEqual([204, '']);
  }
  await expect(onTemporal(id)).rejects.toMatchObject({ code: 'schedule_not_found' });
  expect((await call('GET', `/${id}`)).status).toBe(404);
});

it('the list is narrowed and goes page by page', async () => {
  const ids = [await create(), await create(), await create()];
  await call('POST', `/${ids[1]}/pause`);
  const first = (await call('GET', '?limit=2&owner=local')).body;
  expect(first.monitors.map(({ id }: { id: string }) => id)).toEqual([ids[2], ids[1]]);
  const second = (await call('GET', `?limit=2&owner=local&cursor=${first.next_cursor}`)).body;
  expect(second.monitors[0].id).toBe(ids[0]);
  const elsewhere = await call('GET', `?state=active&cursor=${first.next_cursor}`);
  expect([elsewhere.status, elsewhere.body.errors[0].field]).toEqual([400, 'cursor']);
  const paused = (await call('GET', '?state=paused')).body.monitors;
  expect(paused.map(({ id }: { id: string }) => id)).toContain(ids[1]);
  expect(paused.every(({ state }: { state: string }) => state === 'paused')).toBe(true);
  expect((await call('GET', '?owner=nobody')).body).toEqual({ monitors: [], next_cursor: null });
});
