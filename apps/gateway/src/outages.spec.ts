import { createBlackHole, type BlackHole } from './testing/black-hole';
import { createTestGateway, type TestGateway } from './testing/gateway';
import { send, type Answer } from './testing/http';

const TEMPORAL = process.env['FLEET_TEST_TEMPORAL_ADDRESS'] ?? '';
const POSTGRES = new URL(process.env['FLEET_TEST_DATABASE_URL'] ?? 'postgres://unset:5432').host;

let temporal: BlackHole;
let postgres: BlackHole;
let gateway: TestGateway;

beforeAll(async () => {
  [temporal, postgres] = await Promise.all([createBlackHole(TEMPORAL), createBlackHole(POSTGRES)]);
  const throughProxy = (url: string): string => Object.assign(new URL(url), { host: postgres.address }).href;
  gateway = await createTestGateway({ temporalAddress: temporal.address, databaseUrl: throughProxy });
  expect(await ready()).toBe(200);
});

afterAll(async () => {
  await gateway.close();
  await Promise.all([temporal.close(), postgres.close()]);
});

const ready = async (): Promise<number> => (await send(gateway.app, 'GET', '/readyz')).status;

/** The answer, and that it came within 5 s. */
async function inTime(method: 'GET' | 'POST' | 'PATCH', url: string, body?: unknown): Promise<Answer> {
  const before = Date.now();
  const answer = await send(gateway.app, method, url, body);
  expect([url, Date.now() - before < 5000]).toEqual([url, true]);
  return answer;
}

async function readyAgain(): Promise<void> {
  const end = Date.now() + 15_000;
  while ((await ready()) !== 200) {
    if (Date.now() > end) throw new Error('not ready within 15 s');
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** The lines of the log about requests that failed. */
const failures = (): readonly Readonly<Record<string, unknown>>[] =>
  gateway.logged
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter(({ msg }) => msg === 'request failed');

const submit = () =>
  send(gateway.app, 'POST', '/v1/jobs', { workflow: 'probe' }, { 'idempotency-key': 'during-outage' });

async function storeArtifact(): Promise<Answer> {
  const before = Date.now();
  const response = await gateway.app.inject({
    method: 'POST',
    url: '/v1/artifacts',
    payload: 'a,b',
    headers: { 'content-type': 'text/csv' },
  });
  expect(Date.now() - before).toBeLessThan(5000);
  return { status: response.statusCode, headers: response.headers, body: response.json() };
}

describe('Temporal goes silent', () => {
  it('answers 503 with Retry-After within 5 s everywhere, and recovers', async () => {
    temporal.swallow();
    const requests = [
      ['POST', '/v1/jobs', { workflow: 'probe' }],
      ['GET', '/v1/jobs'],
      ['GET', '/v1/jobs/x'],
      ['GET', '/v1/jobs/x/result?wait=60s'],
      ['GET', '/v1/jobs/x/history'],
      ['POST', '/v1/jobs/x/cancel', {}],
      ['POST', '/v1/jobs/x/retry', {}],
      ['GET', '/v1/queues'],
      ['PATCH', '/v1/queues/high', { rate: 5 }],
      ['GET', '/v1/workers'],
    ] as const;
    const answers = await Promise.all(requests.map(([method, url, body]) => inTime(method, url, body)));
    for (const [index, { status, headers, body }] of answers.entries()) {
      expect([requests[index]?.[1], status, body.code, headers['retry-after']]).toEqual([
        requests[index]?.[1],
        503,
        'temporal_unavailable',
        '5',
      ]);
    }
    expect(await inTime('GET', '/readyz')).toMatchObject({
      status: 503,
      body: { temporal: { ok: false }, store: { ok: true } },
    });
    expect((await inTime('GET', '/healthz')).status).toBe(200);
    expect((await inTime('GET', '/metrics')).body).toMatch(/temporal_up\{[^}]*\} 0/);
    expect((await inTime('GET', '/v1/workflows')).status).toBe(200);
    const told = failures();
    expect(told.length).toBeGreaterThanOrEqual(requests.length);
    for (const line of told) {
      expect(line).toMatchObject({ code: 'temporal_unavailable', reason: 'Temporal did not answer in time' });
      expect(line).not.toHaveProperty('err');
    }
    temporal.restore();
    await readyAgain();
    expect((await inTime('POST', '/v1/jobs', { workflow: 'probe' })).status).toBe(202);
    expect((await inTime('GET', '/metrics')).body).toMatch(/temporal_up\{[^}]*\} 1/);
  });

  it('starts the job of a key whose first request found it silent', async () => {
    temporal.swallow();
    expect((await submit()).status).toBe(503);
    temporal.restore();
    await readyAgain();
    const [first, second] = [await submit(), await submit()];
    expect([first.status, second.body]).toEqual([202, first.body]);
  });
});

describe('Postgres goes silent', () => {
  it('answers 503 with Retry-After within 5 s where it is needed, and recovers', async () => {
    const { body: job } = await inTime('POST', '/v1/jobs', { workflow: 'probe' });
    postgres.swallow();
    const answers = await Promise.all([
      inTime('POST', '/v1/jobs', { workflow: 'probe' }),
      inTime('GET', job.location),
      inTime('GET', '/v1/artifacts/art_x'),
      inTime('GET', '/v1/approvals'),
      inTime('GET', '/v1/approvals/apr_x'),
      inTime('POST', '/v1/approvals/apr_x/decision', { decision: 'approve' }),
      storeArtifact(),
    ]);
    for (const { status, headers, body } of answers) {
      expect([status, body.code, headers['retry-after']]).toEqual([503, 'store_unavailable', '5']);
    }
    expect(await inTime('GET', '/readyz')).toMatchObject({
      status: 503,
      body: { temporal: { ok: true }, store: { ok: false } },
    });
    expect((await inTime('GET', '/v1/queues')).status).toBe(200);
    postgres.restore();
    await readyAgain();
    expect((await inTime('GET', job.location)).body).toMatchObject({ owner: 'local' });
  });
});
