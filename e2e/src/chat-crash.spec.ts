// Gateways and workers killed under chats that go through Temporal.
import { askUntilAnswered, bodyOf, numbersTo, post } from './ask';
import type { AppProcess } from './app-process';
import { ChatFleet } from './chat-fleet';
import { callsByRequest, expectOneOfEach, expectOneRowEach, expectOnlyLostCallsAgain } from './one-of-each';
import { linesWithSecrets, SECRETS } from './secrets';

const COUNT = 200;

let fleet: ChatFleet;
let first: AppProcess;
let second: AppProcess;
let worker: AppProcess;
let answered: readonly string[] = [];

beforeAll(async () => {
  fleet = await ChatFleet.start();
  await fleet.startTemporal();
  [first, second, worker] = await Promise.all([fleet.startGateway(), fleet.startGateway(), fleet.startWorker()]);
}, 120_000);
beforeEach(() => fleet.forget());
afterAll(() => fleet.close(), 60_000);

const slow = (delayMs: number) => fleet.provider.fail({ kind: 'slow', delayMs, times: 'always' });

it('a gateway killed under 200 chats: clients ask again, at another or at it, and get what was asked for once', async () => {
  await slow(2_000);
  // Half of the clients know another gateway, the others ask the same one until it is back.
  const origins = (number: number) => (number % 2 === 0 ? [first.url, second.url] : [first.url]);
  const asking = Promise.all(numbersTo(COUNT).map((number) => askUntilAnswered(origins(number), number)));
  await fleet.asked(50);
  await first.kill();
  first = await fleet.startGateway({ port: first.port });
  answered = await expectOneOfEach(fleet, await asking);
  expect(Object.keys(await fleet.workflowsEnded())).toEqual(['Completed']);
  await expectOneOfEach(fleet, await asking);
}, 120_000);

it('the worker killed under 200 chats: all are answered, and only calls that were under way in it are made again', async () => {
  await slow(2_000);
  const origins = [first.url, second.url];
  const asking = Promise.all(
    numbersTo(COUNT).map((number) => askUntilAnswered([origins[number % 2] ?? ''], number + COUNT)),
  );
  await fleet.asked(40);
  const before = await callsByRequest(fleet);
  await worker.kill();
  worker = await fleet.startWorker();
  const answers = await asking;
  const ids = await expectOneRowEach(fleet, answers, COUNT);
  expect(Object.keys(await fleet.workflowsEnded())).toEqual(['Completed']);
  await expectOneRowEach(fleet, answers, COUNT);
  await expectOnlyLostCallsAgain(fleet, ids, before);
}, 120_000);

/** The same request at both gateways at once. */
function askBoth(number: number) {
  const headers = { 'idempotency-key': `${SECRETS.idempotencyKey}-twice-${number}` };
  return Promise.all([first, second].map(({ url }) => post(`${url}/v1/chat`, bodyOf(number), headers)));
}

it('duplicates with one Idempotency-Key at two gateways: one call, one row, the same answer', async () => {
  await slow(500);
  const pairs = await Promise.all(numbersTo(10).map(askBoth));
  for (const [one, other] of pairs) expect(one?.text).toBe(other?.text);
  for (const [one, other] of pairs) {
    const replayed = [one, other].filter((answer) => answer?.headers.get('idempotency-replayed') === 'true');
    expect(replayed).toHaveLength(1);
  }
  await expectOneOfEach(
    fleet,
    pairs.flatMap(([one]) => (one ? [one] : [])),
  );
}, 60_000);

it('no line of any log has a key, a prompt or an answer', () => {
  const log = fleet.log();
  for (const id of answered) expect(log).toContain(id);
  expect(linesWithSecrets(log)).toEqual([]);
});
