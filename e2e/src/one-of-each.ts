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
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
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
  expect(await fleet.provider.calls()).toMatchObject({ total: answers.length, aborted: 0, open: 0 });
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
