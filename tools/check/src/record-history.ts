import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorText, FleetError } from '@fleet/errors';
import { loadEnvironment } from '@fleet/fleet-cli/environment';
import { report } from '@fleet/fleet-cli/output/errors';
import { temporalOf } from '@fleet/fleet-cli/services/temporal-address';
import { UsageError } from '@fleet/fleet-cli/usage-error';
import { Connection, WorkflowClient } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

const HISTORIES = resolve(__dirname, '../../../libs/workflows/histories');

/**
 * Saves the history of a finished workflow as the one its type is replayed against:
 * `npx tsx tools/check/src/record-history.ts <workflow id>`. Run it by hand after a deliberate, versioned change; no test
 * calls it, or a broken change would record its own proof.
 */
async function main(workflowId: string | undefined): Promise<void> {
  if (!workflowId)
    throw new UsageError('a workflow id is missing', 'npx tsx tools/check/src/record-history.ts <workflow id>');
  const { address, namespace, client: options } = temporalOf(loadEnvironment());
  const connection = await Connection.connect({ ...options, connectTimeout: 5000 }).catch((cause: unknown) => {
    const step = `Connecting to Temporal at ${address}`;
    throw new FleetError('setup_failed', { step, reason: errorText(cause) }, { cause });
  });
  const handle = new WorkflowClient({ connection, namespace }).getHandle(workflowId);
  const { type } = await handle.describe();
  mkdirSync(HISTORIES, { recursive: true });
  const path = join(HISTORIES, `${type}.json`);
  // Identities and sticky queues name a process on a machine (queue@host:pid), stacks its folders; a replay needs neither.
  const json = historyToJSON(await handle.fetchHistory());
  const text = json
    .replaceAll(/"[\w-]+@[^"]*"/g, '"recorded"')
    .replaceAll(/"stackTrace": "(?:[^"\\]|\\.)*"/g, '"stackTrace": ""');
  writeFileSync(path, `${text}\n`);
  process.stdout.write(`${path}\n`);
  await connection.close();
}

main(process.argv[2]).catch((error: unknown) => process.exit(report(error)));
