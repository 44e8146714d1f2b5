import { promptOf, requestIdOf, type Answer } from './ask';
import type { ChatFleet } from './chat-fleet';

/**
 * Each chat was answered, with the answer to its own question, and logged once.
 *
 * @param answers in the order of their numbers, which begin with `from`
 * @returns the request ids, in the same order
 */
export async function expectOneRowEach(
  fleet: ChatFleet,
  answers: readonly Answer[],
  from = 0,
): Promise<readonly string[]> {
  expect(answers.filter(({ status }) => status !== 200).map(({ text }) => text)).toEqual([]);
  answers.forEach(({ text }, index) => expect(text).toContain(`${promptOf(from + index)}"`));
  const ids = answers.map(requestIdOf);
  const { requestIds: logged, ...kept } = await fleet.kept();
  expect(logged.toSorted()).toEqual(ids.toSorted());
  const { length: count } = answers;
  expect(kept).toEqual({ rows: count, rewards: count, points: count, events: count });
  return ids;
}

/** Besides, the provider was asked once for each. */
export async function expectOneOfEach(fleet: ChatFleet, answers: readonly Answer[]): Promise<readonly string[]> {
  const ids = await expectOneRowEach(fleet, answers);
  expect(await fleet.calls()).toEqual({ total: answers.length, open: 0, aborted: 0 });
  return ids;
}

/** Calls that were made for each request, by its id, among those the provider has got so far. */
export async function callsByRequest(fleet: ChatFleet) {
  const byRequest = new Map<
    string,
    { readonly key: string | undefined; readonly ended: boolean; readonly aborted: boolean }[]
  >();
  for (const { requestId = '', idempotencyKey: key, ended, aborted } of (await fleet.provider.calls()).calls) {
    byRequest.set(requestId, [...(byRequest.get(requestId) ?? []), { key, ended, aborted }]);
  }
  return byRequest;
}

/**
 * Of a process that died, a call whose outcome it had not stored is made once more, under the same idempotency key, when the
 * 10 s lease of its claim is over: what the provider made of the first is not known. All others are made once.
 *
 * @param before what `callsByRequest` said right before the kill
 */
export async function expectOnlyLostCallsAgain(
  fleet: ChatFleet,
  ids: readonly string[],
  before: Awaited<ReturnType<typeof callsByRequest>>,
): Promise<void> {
  const calls = await callsByRequest(fleet);
  for (const id of ids) {
    const made = calls.get(id) ?? [];
    // The connection of a lost call ended with the process. A call that ended on its way may be lost or stored.
    const wasLost = made[0]?.aborted === true;
    const mayBeLost = before.get(id)?.[0]?.ended === false;
    if (wasLost || !mayBeLost) expect([id, made.length]).toEqual([id, wasLost ? 2 : 1]);
    expect(made.length).toBeLessThanOrEqual(2);
    expect(new Set(made.map(({ key }) => key)).size).toBe(1);
  }
  expect((await fleet.calls()).aborted).toBeGreaterThan(0);
}
