import { randomBytes } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { isNotFound } from './grpc-errors';

/** A namespace of one test file. */
export interface TestNamespace {
  readonly address: string;
  readonly namespace: string;
  /** What `openFleetClient` and `connectionConfigFrom` need to get there. */
  readonly env: Readonly<Record<string, string>>;
}

const USABLE_WITHIN_MS = 20_000;

/**
 * Registers a namespace on the server that the test run started (FLEET_TEST_TEMPORAL_ADDRESS) and waits until it can be
 * used. Nobody deletes it: the server goes away with the run.
 */
export async function createTestNamespace(): Promise<TestNamespace> {
  const address = process.env['FLEET_TEST_TEMPORAL_ADDRESS'];
  if (!address)
    throw new Error('FLEET_TEST_TEMPORAL_ADDRESS is not set: run the tests with jest at the workspace root');
  const namespace = `t-${randomBytes(6).toString('hex')}`;
  const connection = Connection.lazy({ address });
  try {
    await connection.withDeadline(Date.now() + USABLE_WITHIN_MS, async () => {
      await connection.workflowService.registerNamespace({
        namespace,
        workflowExecutionRetentionPeriod: { seconds: (24 * 3600) as never },
      });
      while (!(await isUsable(connection, namespace))) await new Promise((resolve) => setTimeout(resolve, 50));
    });
  } finally {
    await connection.close();
  }
  return { address, namespace, env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } };
}

/** Each part of the server learns of a namespace on its own; a look for a workflow passes through all of them. */
async function isUsable(connection: Connection, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.listWorkflowExecutions({ namespace, pageSize: 1 });
    await connection.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId: 'none' } });
    return true;
  } catch (error) {
    if (isNotFound(error)) return true;
    if (error instanceof Error && /not found/i.test(error.message)) return false;
    throw error;
  }
}
