// A gateway with Postgres and a provider, and no Temporal anywhere.
import { ask, bodyOf, numbersTo, post } from './ask';
import type { AppProcess } from './app-process';
import { ChatFleet } from './chat-fleet';
import { expectOneOfEach } from './one-of-each';
import { linesWithSecrets, SECRETS } from './secrets';

let fleet: ChatFleet;
let gateway: AppProcess;

beforeAll(async () => {
  fleet = await ChatFleet.start();
  gateway = await fleet.startGateway({ env: { FLEET_TEMPORAL_ENABLED: 'false' } });
}, 120_000);
beforeEach(() => fleet.forget());
afterAll(() => fleet.close(), 60_000);

it('chats', async () => {
  const answers = await Promise.all(numbersTo(20).map((number) => ask(gateway.url, number)));
  await expectOneOfEach(fleet, answers);
});

it('plans', async () => {
  const { status, text } = await post(`${gateway.url}/v1/plan`, { ...bodyOf(1), orchestration: { mode: 'vote' } });
  expect([status, JSON.parse(text)]).toMatchObject([200, { answer: expect.stringContaining(SECRETS.answer) }]);
});

it('streams', async () => {
  const { status, text } = await post(`${gateway.url}/v1/chat`, { ...bodyOf(2), stream: true });
  expect([status, text]).toEqual([200, expect.stringMatching(/data: \[DONE\]\n\n$/)]);
  await fleet.until('logged', async () => (await fleet.kept()).rows === 1);
});

it('no line of any log has a key, a prompt or an answer', () => {
  expect(fleet.log()).toContain('"chat_request_id"');
  expect(linesWithSecrets(fleet.log())).toEqual([]);
});
