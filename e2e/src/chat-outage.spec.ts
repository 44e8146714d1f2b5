// Temporal killed under chats: the same code goes on in the gateways, and no provider is asked twice.
import { ask, askUntilAnswered, numbersTo } from './ask';
import type { AppProcess } from './app-process';
import { ChatFleet } from './chat-fleet';
import { callsByRequest, expectOneOfEach, expectOneRowEach } from './one-of-each';
import { linesWithSecrets } from './secrets';

const COUNT = 200;
const PROVIDER_MS = 6_000;
/** What the fallback may add to the provider's own time, milliseconds: the target is 250 where nothing else runs. */
const ADDED_MS = 1_000;

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
  await fleet.until('asked', async () => (await fleet.provider.calls()).total === COUNT);
  await fleet.killTemporal();
  const killedAt = performance.now();
  const answers = await asking;
  report('from the kill to the last answer, ms', Math.max(...answers.map(({ at }) => at)) - killedAt);
  answered = await expectOneOfEach(fleet, answers);
  expect(await circuit(first)).toBe(1);

  await fleet.provider.heal();
  const added: number[] = [];
  for (const number of numbersTo(20)) added.push((await ask(first.url, number)).ms);
  report('a chat past the open circuit, sorted, ms', added.toSorted((a, b) => a - b).map(Math.round));
  expect(added.toSorted((a, b) => a - b)[10]).toBeLessThan(ADDED_MS);

  await fleet.startTemporal();
  expect(await fleet.workflowsEnded()).toEqual({ Completed: COUNT });
  expect((await fleet.provider.calls()).total).toBe(COUNT + added.length);
  const { requestIds, ...kept } = await fleet.kept();
  expect(requestIds).toEqual(expect.arrayContaining([...answered]));
  expect(new Set(Object.values(kept))).toEqual(new Set([COUNT + added.length]));

  await fleet.until('closed', async () => (await circuit(first)) === 0);
  const fallbacks = await first.metric('temporal_fallback_total');
  expect((await ask(first.url, COUNT)).status).toBe(200);
  expect(await fleet.workflowsEnded()).toEqual({ Completed: COUNT + 1 });
  expect(await first.metric('temporal_fallback_total')).toBe(fallbacks);
}, 200_000);

function report(what: string, value: unknown): void {
  process.stderr.write(`${what}: ${JSON.stringify(value)}\n`);
}

it('two gateways on one database, and chats that still wait for a worker: each is asked once, whoever does', async () => {
  // The slots and the rate of the table: most chats are in the queue when Temporal dies.
  await worker.kill();
  worker = await fleet.startWorker();
  await fleet.until('circuits closed', async () => (await circuit(first)) === 0 && (await circuit(second)) === 0);
  const before = await fleet.workflowsEnded();
  await slow(2_000);
  const origins = [first.url, second.url];
  const asking = Promise.all(numbersTo(COUNT).map((number) => ask(origins[number % 2] ?? '', number)));
  await fleet.until('asked', async () => (await fleet.provider.calls()).total >= 30);
  await fleet.killTemporal();
  const answers = await asking;
  await expectOneOfEach(fleet, answers);
  await fleet.startTemporal();
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
  await fleet.calling(50);
  await first.kill();
  const answers = await asking;
  const ids = await expectOneRowEach(fleet, answers);
  // What a provider made of a call whose caller died is not known: it is asked once more, under the same key, when the
  // 10 s lease of the dead gateway's claim is over.
  const calls = await callsByRequest(fleet);
  for (const id of ids) {
    const made = calls.get(id) ?? [];
    expect(made.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(new Set(made.map(({ key }) => key)).size).toBe(1);
  }
}, 200_000);

it('no line of any log has a key, a prompt or an answer', () => {
  const log = fleet.log();
  for (const id of answered) expect(log).toContain(id);
  expect(linesWithSecrets(log)).toEqual([]);
});
