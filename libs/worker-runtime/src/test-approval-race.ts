import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '@fleet/store';
import type { ApprovalInput, ApprovalOutcome, Decision } from '@fleet/workflow-registry/messages';

/** Whatever runs approvals: an executor, or the fleet. For specs only. */
export interface ApprovalRunner {
  start(input: ApprovalInput, id: string): Promise<unknown>;
  decide(id: string, decision: Decision): Promise<unknown>;
  result(id: string): Promise<ApprovalOutcome>;
}

/** How the requests of a race were settled. For specs only. */
export interface RaceResult {
  readonly outcomes: readonly ApprovalOutcome[];
  /** Decisions that were answered with an outcome, and that were refused. */
  readonly accepted: number;
  readonly refused: readonly string[];
}

/** Waits until the request of a workflow is written down. */
export async function openedBy(store: Store, workflowId: string): Promise<string> {
  for (;;) {
    const [row] = await store.approvals.list({ workflowId }, 1);
    if (row) return row.id;
    await sleep(20);
  }
}

/** Requests that only time out, to learn by how much. */
const LATENESS_SAMPLE = 20;

/** Starts `count` requests, and meets each with an approval, a rejection and its own time-out within the same `withinMs`. */
export async function race(
  runner: ApprovalRunner,
  store: Store,
  { count, withinMs, timeoutMs }: { readonly count: number; readonly withinMs: number; readonly timeoutMs: number },
): Promise<RaceResult> {
  const lateMs = await timerLateness(runner, store, LATENESS_SAMPLE, timeoutMs);
  const ids = Array.from({ length: count }, (_, index) => `race-${index}`);
  await Promise.all(ids.map((id) => runner.start({ action: 'race', summary: id, timeoutMs }, id)));
  let accepted = 0;
  const refused: string[] = [];
  const meet = async (id: string, decision: Decision, atMs: number): Promise<void> => {
    const row = await store.approvals.get(await openedBy(store, id));
    await sleep(Math.max(0, row.expiresAt.getTime() + lateMs + atMs - Date.now()));
    await runner.decide(id, decision).then(
      () => (accepted += 1),
      (error: { code: string }) => refused.push(error.code),
    );
  };
  // Coprime steps: the two decisions of a request come in either order and on either side of its time-out. How late that is
  // nobody knows within 50 ms on a busy machine, so every tenth of the requests is decided well before it, every tenth well
  // after it, and the others look for it at three moments.
  const at = (index: number, step: number): number => {
    const near = ((index * step) % withinMs) - withinMs / 2;
    if (index % 10 === 0) return near - timeoutMs / 3;
    return index % 10 === 9 ? near + timeoutMs / 3 : near + ((index % 3) - 1) * withinMs;
  };
  await Promise.all(
    ids.flatMap((id, index) => [
      meet(id, { decision: 'approve', by: 'ada' }, at(index, 7)),
      meet(id, { decision: 'reject', by: 'bob' }, at(index, 11)),
    ]),
  );
  return { outcomes: await Promise.all(ids.map((id) => runner.result(id))), accepted, refused };
}

/** Median of the milliseconds by which time-outs come after the moment that the row names: a server's timers are no stop-watch. */
async function timerLateness(runner: ApprovalRunner, store: Store, count: number, timeoutMs: number): Promise<number> {
  const ids = Array.from({ length: count }, (_, index) => `late-${index}`);
  await Promise.all(ids.map((id) => runner.start({ action: 'race', summary: id, timeoutMs }, id)));
  const late = await Promise.all(
    ids.map(async (id) => {
      const { approvalId, decidedAt } = await runner.result(id);
      return decidedAt - (await store.approvals.get(approvalId)).expiresAt.getTime();
    }),
  );
  return late.toSorted((a, b) => a - b)[Math.floor(count / 2)] ?? 0;
}

/** What row and audit log say of each outcome, for a comparison with the results. */
export async function recordsOf(store: Store, outcomes: readonly ApprovalOutcome[]) {
  return Promise.all(
    outcomes.map(async ({ approvalId }) => {
      const row = await store.approvals.get(approvalId);
      const audit = await store.approvals.audit(approvalId);
      return { row: row.outcome, audit: audit.filter(({ event }) => event === 'settled').map(({ detail }) => detail) };
    }),
  );
}
