// Temporal killed under chats: the same code goes on in the gateways, and no provider is asked twice.
import { ask, askUntilAnswered, numbersTo } from './ask';
import type { AppProcess } from './app-process';
import { ChatFleet } from './chat-fleet';
import { callsByRequest, expectOneOfEach, expectOneRowEach, expectOnlyLostCallsAgain } from './one-of-each';
import { linesWithSecrets } from './secrets';

const COUNT = 200;
const PROVIDER_MS = 6_000;
/** What the fallback may add to the provider's own time on a busy machine, milliseconds. bench/ measures it on a quiet one. */
const LATE_MS = 5_000;

let fleet: ChatFleet;
let first: AppProcess;
let second: AppProcess;
let worker: AppProcess;
let answered: readonly string[] = [];

beforeAll(async () => {
  fleet = await ChatFleet.start();
  await fleet.startTemporal();
  // Slots and rate for all at once, so that each of them is at the provider when Temporal dies.
  const roomy = { FLEET_HIGH_ACTIVITY_SLOTS: String(COUNT), FLEET_HIGH_ACTIVITIES_PER_SECOND: 'none' };
  [first, second, worker] = await Promise.all([fleet.startGateway(), fleet.startGateway(), fleet.startWorker(roomy)]);
}, 120_000);
beforeEach(() => fleet.forget());
afterAll(() => fleet.close(), 60_000);

const slow = (delayMs: number) => fleet.provider.fail({ kind: 'slow', delayMs, times: 'always' });
const circuit = (gateway: AppProcess) => gateway.metric('temporal_circuit_state');

it('200 chats at the provider: all are answered, none is asked or logged again once Temporal is back, the circuit closes', async () => {
  await slow(PROVIDER_MS);
  const asking = Promise.all(numbersTo(COUNT).map((number) => ask(first.url, number)));
  await fleet.asked(COUNT);
  const { open } = await fleet.calls();
  await fleet.killTemporal();
  const killedAt = performance.now();
  const answers = await asking;
  answered = await expectOneOfEach(fleet, answers);
  expect(open).toBeGreaterThan(0);
  expect(await first.metric('temporal_fallback_total')).toBeGreaterThan(0);
  expect(await circuit(first)).toBe(1);
  // The last call began a moment before the kill, so its answer could not come earlier than its provider's time.
  expect(Math.max(...answers.map(({ at }) => at)) - killedAt).toBeLessThan(PROVIDER_MS + LATE_MS);

  await fleet.provider.heal();
  const added: number[] = [];
  for (const number of numbersTo(20)) added.push((await ask(first.url, number)).ms);
  expect(Math.max(...added)).toBeLessThan(LATE_MS);

  await fleet.startTemporal();
  const { Completed: late = 0, ...others } = await fleet.workflowsEnded();
  expect(others).toEqual({});
  expect(late).toBeGreaterThan(0);
  expect((await fleet.calls()).total).toBe(COUNT + added.length);
  const { requestIds, ...kept } = await fleet.kept();
  expect(requestIds).toEqual(expect.arrayContaining([...answered]));
  expect(new Set(Object.values(kept))).toEqual(new Set([COUNT + added.length]));

  await fleet.until('closed', async () => (await circuit(first)) === 0);
  const fallbacks = await first.metric('temporal_fallback_total');
  expect((await ask(first.url, COUNT)).status).toBe(200);
  expect(await fleet.workflowsEnded()).toEqual({ Completed: late + 1 });
  expect(await first.metric('temporal_fallback_total')).toBe(fallbacks);
}, 200_000);

it('two gateways on one database, and chats that still wait for a worker: each is asked once, whoever does', async () => {
  // The slots and the rate of the table: most chats are in the queue when Temporal dies.
  await worker.kill();
  worker = await fleet.startWorker();
  await fleet.until('circuits closed', async () => (await circuit(first)) === 0 && (await circuit(second)) === 0);
  const before = await fleet.workflowsEnded();
  await slow(2_000);
  const origins = [first.url, second.url];
  const asking = Promise.all(numbersTo(COUNT).map((number) => ask(origins[number % 2] ?? '', number)));
  await fleet.asked(30);
  // Back at once: its workflows and those of the gateways are at the same chats together.
  await fleet.killTemporal();
  await fleet.startTemporal();
  const answers = await asking;
  await expectOneOfEach(fleet, answers);
  const after = await fleet.workflowsEnded();
  expect(Object.keys(after)).toEqual(['Completed']);
  expect(after['Completed']).toBeGreaterThan(before['Completed'] ?? 0);
  await expectOneOfEach(fleet, answers);
}, 200_000);

it('a gateway killed while Temporal is away: another goes on with its chats', async () => {
  await fleet.killTemporal();
  await fleet.until('circuits open', async () => {
    await Promise.all([ask(first.url, 0), ask(second.url, 0)]);
    return (await circuit(first)) === 1 && (await circuit(second)) === 1;
  });
  await fleet.forget();
  await slow(2_000);
  const asking = Promise.all(numbersTo(50).map((number) => askUntilAnswered([first.url, second.url], number)));
  await fleet.asked(50);
  const before = await callsByRequest(fleet);
  await first.kill();
  const answers = await asking;
  await expectOnlyLostCallsAgain(fleet, await expectOneRowEach(fleet, answers), before);
}, 200_000);

it('no line of any log has a key, a prompt or an answer', () => {
  const log = fleet.log();
  for (const id of answered) expect(log).toContain(id);
  expect(linesWithSecrets(log)).toEqual([]);
});
