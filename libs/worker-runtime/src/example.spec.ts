import { createExecutor } from '@fleet/durable-executor';
import { openServer } from '@fleet/temporal-client/server';
import { approval } from '@fleet/workflows/portable';
import { openExecutor, refundWithApproval } from '../../../examples/approval';
import { startTestFleet, type TestFleet } from './test-fleet';

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet(['standard']);
}, 120_000);
afterAll(() => fleet.stop(), 60_000);

const expected = { status: 'modified', via: 'human', by: 'ada', comment: 'half', value: { amount: 6 } };

describe('examples/approval.ts', () => {
  it('runs in process', async () => {
    const { executor, close } = openExecutor('local', fleet.parts.config.databaseUrl, fleet.store);
    expect(await refundWithApproval(executor, fleet.store)).toMatchObject(expected);
    await close();
  });

  it('runs on the fleet', async () => {
    const client = openServer({ env: fleet.env });
    const executor = createExecutor('temporal', { client, workflows: [approval] });
    expect(await refundWithApproval(executor, fleet.store)).toMatchObject(expected);
    await executor.close();
    await client.connection.close();
  });
});
