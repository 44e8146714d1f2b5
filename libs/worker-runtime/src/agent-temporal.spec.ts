import { createTemporalExecutor } from '@fleet/durable-executor/temporal';
import { startStandInProvider } from '@fleet/stand-in-provider';
import { openServer } from '@fleet/temporal-client/server';
import { agent, approval } from '@fleet/workflows/portable';
import { createNoteTool, describeAgents, type AgentWorld } from './test-agent-suite';
import { startTestFleet } from './test-fleet';

let world: AgentWorld;
let stop: () => Promise<void>;

beforeAll(async () => {
  const provider = await startStandInProvider();
  const notes: AgentWorld['notes'] = [];
  const own = { env: { FLEET_MODEL_URL: provider.url }, tools: [createNoteTool(notes)] };
  const fleet = await startTestFleet(['standard'], undefined, own);
  const server = openServer({ env: fleet.env });
  const executor = createTemporalExecutor({ client: server, workflows: [agent, approval] });
  world = { executor, provider, store: fleet.store, notes };
  stop = async () => {
    await executor.close();
    await server.connection.close();
    await fleet.stop();
    await provider.close();
  };
}, 120_000);

afterAll(() => stop(), 60_000);

describe('agents on the fleet', () => {
  describeAgents(() => world);
});
