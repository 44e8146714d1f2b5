import { writeFileSync, readFileSync } from 'node:fs';
import { asking, createChatGateway, type ChatGateway } from '../testing/chat-gateway';
import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send } from '../testing/http';
import { until } from '../testing/until';

const MODELS = [{ id: 'small' }, { id: 'team/large:1', weight: 8 }];

let gateway: ChatGateway;
/** Another process would see the same: it has a state of its own over the same database. */
let other: TestGateway;

beforeAll(async () => {
  gateway = await createChatGateway({ models: MODELS });
  other = await createTestGateway({ temporalEnabled: false, env: gateway.env, beside: gateway });
});
afterEach(() => Promise.all([gateway.provider.heal(), gateway.provider.forgetCalls()]));
afterAll(async () => {
  await other.close();
  await gateway.close();
});

const list = async (from: TestGateway = gateway) => (await send(from.app, 'GET', '/v1/router/models')).body.models;
const post = (id: string, what: string, body?: object) =>
  send(gateway.app, 'POST', `/v1/router/models/${encodeURIComponent(id)}/${what}`, body);
const ask = (from: TestGateway, hint: string) =>
  send(from.app, 'POST', '/v1/chat', asking('Hello.', { model_hint: hint }));

it('lists the models of the catalog, and whether they may answer', async () => {
  expect(await list()).toEqual([
    {
      id: 'small',
      provider_id: 'stand-in',
      weight: 5,
      context_tokens: 128_000,
      input_per_1k: 0.001,
      output_per_1k: 0.002,
      state: 'enabled',
      skip_reason: null,
      disabled: null,
      provider_state: null,
    },
    expect.objectContaining({ id: 'team/large:1', state: 'enabled' }),
  ]);
});

it('a model whose budget is used up is not asked again, by this process from then on; its operator enables it', async () => {
  await gateway.provider.fail({ kind: 'quota', model: 'small', times: 'always' });
  const first = await ask(gateway, 'small');
  expect([first.status, first.body.negotiated_model]).toEqual([200, 'team/large:1']);
  expect((await ask(gateway, 'small')).status).toBe(200);
  const asked = (await gateway.provider.calls()).calls.filter(({ model }) => model === 'small');
  expect(asked).toHaveLength(1);
  expect((await list())[0]).toMatchObject({
    state: 'disabled',
    skip_reason: 'disabled',
    disabled: { by: 'fleet', reason: expect.any(String), at: expect.stringMatching(/Z$/) },
  });
  await until(async () => (await other.app.inject('/v1/router/models')).body.includes('"skip_reason":"disabled"'));
  await gateway.provider.heal();
  const enabled = await post('small', 'enable');
  expect([enabled.status, enabled.body]).toMatchObject([200, { id: 'small', state: 'enabled', skip_reason: null }]);
  expect((await ask(gateway, 'small')).body.negotiated_model).toBe('small');
  await until(async () => (await ask(other, 'small')).body.negotiated_model === 'small');
});

it('says with no eligible model and a used up budget which command enables it', async () => {
  await gateway.provider.fail({ kind: 'quota', times: 'always' });
  const { status, body } = await ask(gateway, 'small');
  expect([status, body.code]).toEqual([503, 'provider_budget_exceeded']);
  expect(body.remedy).toContain('fleet models enable <id>');
  for (const { id } of MODELS) await post(id, 'enable');
});

it('disables a model, with a reason, until it is enabled', async () => {
  const disabled = await post('team/large:1', 'disable', { reason: 'answers nonsense' });
  expect([disabled.status, disabled.body]).toMatchObject([
    200,
    { id: 'team/large:1', state: 'disabled', disabled: { by: 'fleet', reason: 'answers nonsense' } },
  ]);
  expect((await ask(gateway, 'team/large:1')).body.negotiated_model).toBe('small');
  // The first reason stays.
  expect((await post('team/large:1', 'disable')).body.disabled.reason).toBe('answers nonsense');
  expect((await post('team/large:1', 'enable', {})).body.state).toBe('enabled');
});

it('refuses a model that there is not, a bad reason, and to enable what the catalog switches off', async () => {
  for (const what of ['enable', 'disable']) {
    const { status, body } = await post('gpt-99', what);
    expect([status, body.code, body.detail]).toEqual([404, 'unknown_model', expect.stringContaining('"gpt-99"')]);
  }
  const bad = await post('small', 'disable', { reason: '', cause: 1 });
  expect([bad.status, bad.body.errors.map(({ field }: { field: string }) => field)]).toEqual([
    400,
    ['reason', 'cause'],
  ]);
  const path = gateway.env['FLEET_MODELS'] ?? '';
  const catalog = JSON.parse(readFileSync(path, 'utf8')) as { models: object[] };
  const off = { ...catalog, models: catalog.models.map((model, index) => ({ ...model, enabled: index === 0 })) };
  writeFileSync(path, JSON.stringify(off));
  const own = await createTestGateway({ temporalEnabled: false, env: gateway.env, beside: gateway });
  expect((await list(own))[1]).toMatchObject({ state: 'disabled', disabled: { by: 'catalog', at: null } });
  const refused = await send(own.app, 'POST', `/v1/router/models/${encodeURIComponent('team/large:1')}/enable`);
  expect([refused.status, refused.body.code]).toEqual([409, 'model_switched_off']);
  await own.close();
});
