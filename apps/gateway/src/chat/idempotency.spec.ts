import { createBlackHole } from '../testing/black-hole';
import { asking, createChatGateway, type ChatGateway } from '../testing/chat-gateway';
import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send, type Answer } from '../testing/http';
import { until } from '../testing/until';

let first: ChatGateway;
let second: TestGateway;
let keys = 0;

beforeAll(async () => {
  first = await createChatGateway();
  second = await createTestGateway({ env: first.env, temporalEnabled: false, beside: first });
});
afterEach(() => Promise.all([first.provider.heal(), first.provider.forgetCalls()]));
afterAll(async () => {
  await second.close();
  await first.close();
});

const newKey = (): string => `key-${(keys += 1)}`;
const ask = (gateway: TestGateway, key: string, text: string, url = '/v1/chat'): Promise<Answer> =>
  send(gateway.app, 'POST', url, asking(text), { 'idempotency-key': key });
const callCount = async (): Promise<number> => (await first.provider.calls()).total;

describe('Idempotency-Key', () => {
  it('gives the same answer again, at any gateway', async () => {
    const key = newKey();
    const answers = [await ask(first, key, 'Once?'), await ask(first, key, 'Once?'), await ask(second, key, 'Once?')];
    expect(answers.map(({ status, headers }) => [status, headers['idempotency-replayed']])).toEqual([
      [200, undefined],
      [200, 'true'],
      [200, 'true'],
    ]);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(answers[2]?.body).toEqual(answers[0]?.body);
    expect(answers[2]?.headers['x-negotiated-model']).toBe(answers[0]?.headers['x-negotiated-model']);
    expect(await callCount()).toBe(1);
  });

  it('answers two at once, at two gateways, from one call', async () => {
    await first.provider.fail({ kind: 'slow', delayMs: 700, times: 'always' });
    const key = newKey();
    const [one, two] = await Promise.all([ask(first, key, 'At once?'), ask(second, key, 'At once?')]);
    expect([one.status, two.status]).toEqual([200, 200]);
    expect(two.body).toEqual(one.body);
    expect(await callCount()).toBe(1);
    const rows = await first.store.chatLog.list({}, 10);
    expect(rows.filter(({ requestId }) => requestId === one.body.request_id)).toHaveLength(1);
  });

  it('refuses the same key with another body, and not at another path', async () => {
    const key = newKey();
    await ask(first, key, 'This.');
    const other = await ask(second, key, 'That.');
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    const completion = { model: 'small', messages: [{ role: 'user', content: 'This.' }] };
    const headers = { 'idempotency-key': key };
    expect((await send(first.app, 'POST', '/v1/chat/completions', completion, headers)).status).toBe(200);
    expect(await callCount()).toBe(2);
  });

  it('keeps what the request is to blame for, and not what failed by itself', async () => {
    const [failing, blamed] = [newKey(), newKey()];
    await first.provider.fail({ kind: 'status', status: 500, times: 'always' });
    expect((await ask(first, failing, 'Again?')).status).toBe(502);
    await first.provider.heal();
    const again = await ask(second, failing, 'Again?');
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([200, undefined]);
    await first.provider.fail({ kind: 'status', status: 422, times: 'always' });
    const refused = await ask(first, blamed, 'Bad?');
    await first.provider.heal();
    const replayed = await ask(second, blamed, 'Bad?');
    expect([refused.status, refused.body.code, replayed.headers['idempotency-replayed']]).toEqual([
      422,
      'provider_rejected',
      'true',
    ]);
    expect([replayed.status, replayed.body.code, replayed.body.detail]).toEqual([
      422,
      'provider_rejected',
      refused.body.detail,
    ]);
  });

  it('joins a request whose first client left', async () => {
    await first.provider.fail({ kind: 'slow', delayMs: 1000 });
    const origin = await first.listen();
    const key = newKey();
    const init = {
      method: 'POST',
      body: JSON.stringify(asking('Still there?')),
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
    };
    const left = fetch(`${origin}/v1/chat`, { ...init, signal: AbortSignal.timeout(300) });
    await expect(left).rejects.toThrow('aborted');
    const joined = await ask(second, key, 'Still there?');
    expect([joined.status, joined.headers['idempotency-replayed']]).toEqual([200, 'true']);
    expect(await callCount()).toBe(1);
  });

  it('is not for streams, and must be readable', async () => {
    const stream = { model: 'small', stream: true, messages: [{ role: 'user', content: 'x' }] };
    const headers = { 'idempotency-key': newKey() };
    const streamed = await send(first.app, 'POST', '/v1/chat/completions', stream, headers);
    expect([streamed.status, streamed.body.error.param]).toEqual([400, 'Idempotency-Key']);
    const both = await send(first.app, 'POST', '/v1/chat', {}, { 'idempotency-key': 'ü'.repeat(3) });
    expect(both.body.errors.map(({ field }: { field: string }) => field)).toEqual(['request', 'Idempotency-Key']);
  });
});

it('is answered with 503 while Postgres is silent', async () => {
  const postgres = await createBlackHole(new URL(first.databaseUrl).host);
  const databaseUrl = (url: string): string => Object.assign(new URL(url), { host: postgres.address }).href;
  const gateway = await createTestGateway({ env: first.env, temporalEnabled: false, beside: first, databaseUrl });
  expect((await ask(gateway, newKey(), 'Before.')).status).toBe(200);
  postgres.swallow();
  const key = newKey();
  const during = await ask(gateway, key, 'During.');
  expect([during.status, during.body.code, during.headers['retry-after']]).toEqual([503, 'store_unavailable', '5']);
  postgres.restore();
  await until(async () => (await ask(gateway, key, 'During.')).status === 200);
  await gateway.close();
  await postgres.close();
});
