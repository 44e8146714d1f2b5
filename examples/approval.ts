// Asks for approval and decides, on either executor: npx tsx examples/approval.ts local|temporal
// Both need DATABASE_URL, a migrated database; temporal needs a running fleet and TEMPORAL_ADDRESS as well. That of
// `npm start` is postgres://fleet:<the text of .fleet/postgres-password>@127.0.0.1:5433/fleet.
import { setTimeout as sleep } from 'node:timers/promises';
import { createActivities } from '@fleet/activities';
import { createExecutor, type DurableExecutor } from '@fleet/durable-executor';
import { openPostgresStore } from '@fleet/durable-executor/postgres';
import { openStore, type Store } from '@fleet/store';
import { openServer } from '@fleet/temporal-client/server';
import type { ApprovalOutcome } from '@fleet/workflow-registry/messages';
import { approval, decide } from '@fleet/workflows/portable';

/** One request from its start to its end: the code is the same whatever runs it. */
export async function refundWithApproval(executor: DurableExecutor, store: Store): Promise<ApprovalOutcome> {
  const request = {
    action: 'payments.refund',
    summary: 'Refund order 17',
    payload: { amount: 12 },
    risk: 'low',
  } as const;
  const handle = await executor.execute(approval, request, { timeout: '1 h' });

  // Somebody sees it: GET /v1/approvals, fleet approvals list, the log or a webhook.
  while ((await store.approvals.list({ workflowId: handle.id, status: 'pending' }, 1)).length === 0) await sleep(50);

  // And decides: POST /v1/approvals/{id}/decision, fleet approvals modify, or from code.
  await executor.update(handle.id, decide, { decision: 'modify', by: 'ada', comment: 'half', value: { amount: 6 } });
  return handle.result();
}

/** An executor by its name, and what closes it. */
export function openExecutor(
  name: string,
  url: string,
  store: Store,
): { executor: DurableExecutor; readonly close: () => Promise<void> } {
  if (name === 'temporal') {
    const client = openServer({ env: process.env });
    const executor = createExecutor('temporal', { client, workflows: [approval] });
    return { executor, close: async () => void (await Promise.all([executor.close(), client.connection.close()])) };
  }
  const activities = createActivities({ store, env: process.env });
  const journal = openPostgresStore({ url });
  const executor = createExecutor('local', { store: journal, workflows: [approval], activities });
  const close = async () => {
    await executor.close();
    // Its connections would keep the process for 20 s more.
    await journal.close();
  };
  return { executor, close };
}

async function main(name = 'local'): Promise<void> {
  const url = process.env['DATABASE_URL'] ?? '';
  const store = openStore({ url });
  const { executor, close } = openExecutor(name, url, store);
  process.stdout.write(`${JSON.stringify(await refundWithApproval(executor, store), null, 2)}\n`);
  await close();
  await store.close();
}

if (require.main === module) void main(process.argv[2]);
