import { createActivities } from '@fleet/activities';
import { createLocalExecutor } from '@fleet/durable-executor';
import { openPostgresStore } from '@fleet/durable-executor/postgres';
import { startStandInProvider } from '@fleet/stand-in-provider';
import { openStore } from '@fleet/store';
import { createTestDatabase } from '@fleet/store/test-database';
import { agent, approval } from '@fleet/workflows/portable';
import { createNoteTool, describeAgents, type AgentWorld } from './test-agent-suite';

let world: AgentWorld;
let stop: () => Promise<void>;

beforeAll(async () => {
  const [database, provider] = await Promise.all([createTestDatabase(), startStandInProvider()]);
  const store = openStore({ url: database.url });
  const notes: AgentWorld['notes'] = [];
  const activities = createActivities({
    store,
    env: { FLEET_MODEL_URL: provider.url },
    tools: [createNoteTool(notes)],
  });
  const executor = createLocalExecutor({
    store: openPostgresStore({ url: database.url }),
    workflows: [agent, approval],
    activities,
  });
  world = { executor, provider, store, notes };
  stop = async () => {
    await executor.close();
    await Promise.all([store.close(), provider.close()]);
    await database.drop();
  };
});

afterAll(() => stop());

describe('agents in process, on Postgres', () => {
  describeAgents(() => world);
});
