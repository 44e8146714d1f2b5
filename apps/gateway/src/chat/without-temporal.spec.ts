import { asking, createChatGateway, type ChatGateway } from '../testing/chat-gateway';
import { send } from '../testing/http';

let gateway: ChatGateway;

beforeAll(async () => {
  gateway = await createChatGateway();
});
afterAll(() => gateway.close());

it('is ready, and says that Temporal is switched off', async () => {
  const { status, body } = await send(gateway.app, 'GET', '/readyz');
  expect([status, body]).toEqual([
    200,
    {
      status: 'ready',
      environment: 'development',
      temporal: { ok: false, disabled: true, reason: 'Temporal is switched off here' },
      store: { ok: true },
    },
  ]);
});

it.each([
  ['POST', '/v1/jobs', { workflow: 'probe' }],
  ['GET', '/v1/jobs', undefined],
  ['GET', '/v1/jobs/x', undefined],
  ['POST', '/v1/jobs/x/cancel', {}],
  ['GET', '/v1/queues', undefined],
  ['GET', '/v1/workers', undefined],
] as const)('refuses %s %s', async (method, url, body) => {
  const answer = await send(gateway.app, method, url, body);
  expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([
    503,
    'temporal_disabled',
    undefined,
  ]);
});

it('chats, plans and streams', async () => {
  expect((await send(gateway.app, 'POST', '/v1/chat', asking('Hello.'))).status).toBe(200);
  const orchestration = { mode: 'vote' };
  const plan = await send(gateway.app, 'POST', '/v1/plan', { ...asking('Which?'), orchestration });
  expect([plan.status, plan.body.response.responses.length]).toEqual([200, expect.any(Number)]);
  const stream = await send(gateway.app, 'POST', '/v1/chat', { ...asking('Hello.'), stream: true });
  expect(String(stream.body)).toMatch(/data: \[DONE\]\n\n$/);
});
