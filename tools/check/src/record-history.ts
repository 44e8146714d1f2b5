import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Connection, WorkflowClient } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';

const HISTORIES = resolve(__dirname, '../../../libs/workflows/histories');

/**
 * Saves the history of a finished workflow as the one its type is replayed against:
 * `npx tsx tools/check/src/record-history.ts <workflow id>`. Run it by hand after a deliberate, versioned change; no test
 * calls it, or a broken change would record its own proof.
 */
async function main(workflowId: string | undefined): Promise<void> {
  if (!workflowId) throw new Error('usage: record-history <workflow id>');
  const connection = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233' });
  const handle = new WorkflowClient({
    connection,
    namespace: process.env['TEMPORAL_NAMESPACE'] ?? 'default',
  }).getHandle(workflowId);
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

void main(process.argv[2]);
