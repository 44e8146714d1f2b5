import { setTimeout as sleep } from 'node:timers/promises';
import type { DurableExecutor } from '@fleet/durable-executor';
import type { Store } from '@fleet/store';
import type { ApprovalInput, ApprovalOutcome, Decision } from '@fleet/workflow-registry/messages';
import { approval, decide } from '@fleet/workflows/portable';

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

/**
 * Starts `count` requests, and meets each with an approval, a rejection and its own time-out within the same `withinMs`. The
 * delays are spread over that span, so that every order of the three occurs.
 */
export async function race(executor: DurableExecutor, store: Store, count: number, withinMs: number): Promise<RaceResult> {
  const timeoutMs = 1500;
  const input = (index: number): ApprovalInput => ({ action: 'race', summary: `race ${index}`, timeoutMs });
  const started = await Promise.all(
    Array.from({ length: count }, (_, index) => executor.execute(approval, input(index), { id: `race-${count}-${index}` })),
  );
  let accepted = 0;
  const refused: string[] = [];
  const meet = async (id: string, decision: Decision, atMs: number): Promise<void> => {
    const row = await store.approvals.get(await openedBy(store, id));
    await sleep(Math.max(0, row.expiresAt.getTime() + atMs - Date.now()));
    await executor.update(id, decide, decision).then(
      () => (accepted += 1),
      (error: { code: string }) => refused.push(error.code),
    );
  };
  await Promise.all(
    started.flatMap(({ id }, index) => {
      const early = -withinMs + ((index * 7) % (withinMs + 20));
      const late = -withinMs + ((index * 11) % (withinMs + 20));
      return [
        meet(id, { decision: 'approve', by: 'ada' }, early),
        meet(id, { decision: 'reject', by: 'bob' }, late),
      ];
    }),
  );
  return { outcomes: await Promise.all(started.map((handle) => handle.result())), accepted, refused };
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
