import { asking, createChatGateway, type ChatGateway } from './testing/chat-gateway';
import { send } from './testing/http';
import { until } from './testing/until';

let gateway: ChatGateway;
let origin: string;

beforeAll(async () => {
  gateway = await createChatGateway({ models: [{ id: 'small' }] });
  origin = await gateway.listen();
});
afterEach(() => gateway.provider.heal());
afterAll(() => gateway.close());

interface Line {
  readonly level: string | number;
  readonly msg: string;
  readonly status?: number;
  readonly request_id?: string;
}

const linesOf = (id: string): Line[] =>
  gateway.logged.map((line) => JSON.parse(line) as Line).filter(({ request_id: of }) => of === id);
const endsOf = (id: string): (number | undefined)[] =>
  linesOf(id).flatMap(({ msg, status }) => (msg === 'request' ? [status] : []));

it.each([false, true])('a client that leaves is in the log and in the metrics, once (stream: %s)', async (stream) => {
  await gateway.provider.fail({ kind: 'slow', delayMs: stream ? 0 : 30_000, chunkMs: stream ? 30_000 : 0 });
  const id = `left-${stream}`;
  const leaving = new AbortController();
  const asked = fetch(`${origin}/v1/chat`, {
    method: 'POST',
    body: JSON.stringify({ ...asking('Anyone?'), stream }),
    headers: { 'content-type': 'application/json', 'x-request-id': id },
    signal: leaving.signal,
  }).then((response) => response.text());
  await until(async () => (await gateway.provider.calls()).open === 1);
  leaving.abort();
  await expect(asked).rejects.toThrow('aborted');
  await until(async () => endsOf(id).length > 0);
  expect(endsOf(id)).toEqual([499]);
  const metrics = (await gateway.app.inject('/metrics')).body;
  expect(metrics).toMatch(/route="\/v1\/chat",status="499"/);
  await gateway.provider.heal();
});

it('one line, without a stack, says what a provider failed at', async () => {
  await gateway.provider.fail({ kind: 'status', status: 401 });
  const answer = await send(gateway.app, 'POST', '/v1/chat', asking('x'), { 'x-request-id': 'failed' });
  expect(answer.body.code).toBe('provider_failed');
  await until(async () => endsOf('failed').length > 0);
  const [line, ...more] = linesOf('failed').filter(({ msg }) => msg === 'request failed');
  expect(more).toEqual([]);
  expect(line).toMatchObject({ code: 'provider_failed', reason: answer.body.detail });
  expect(line).not.toHaveProperty('err');
  expect(endsOf('failed')).toEqual([502]);
});
