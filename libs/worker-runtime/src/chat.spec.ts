import { createActivities } from '@fleet/activities';
import { createLocalExecutor } from '@fleet/durable-executor';
import { dispatchTo } from '@fleet/durable-executor/dispatch';
import { openPostgresStore } from '@fleet/durable-executor/postgres';
import { createTemporalExecutor } from '@fleet/durable-executor/temporal';
import { startStandInProvider, type StandInProvider } from '@fleet/stand-in-provider';
import { openStore } from '@fleet/store';
import { createTestDatabase } from '@fleet/store/test-database';
import { openServer } from '@fleet/temporal-client/server';
import { chat, orchestrate, streamLog } from '@fleet/workflows/portable';
import { describeChat } from './test-chat-suite';
import { describeOutages } from './test-chat-outages';
import { describeParity } from './test-chat-parity';
import { chatCatalog, withOutage, type ChatWorld, type Outage } from './test-chat-world';
import { startTestFleet } from './test-fleet';
import { describeOrchestrate } from './test-orchestrate-suite';

type RunningWorld = ChatWorld & { stop(): Promise<void> };

const workflows = [chat, orchestrate, streamLog];
let provider: StandInProvider;
let onTemporal: RunningWorld;
let inProcess: RunningWorld;

async function temporalWorld(): Promise<RunningWorld> {
  const outage: Outage = {};
  const env = chatCatalog(provider);
  const fleet = await startTestFleet(['high'], (real) => withOutage(real, outage), { env });
  const server = openServer({ env: fleet.env });
  const executor = createTemporalExecutor({ client: server, workflows, taskQueue: 'high' });
  const stop = async (): Promise<void> => {
    await executor.close();
    await server.close();
    await fleet.stop();
  };
  return { executor, dispatcher: dispatchTo(executor), provider, store: fleet.store, outage, stop };
}

async function localWorld(): Promise<RunningWorld> {
  const database = await createTestDatabase();
  const store = openStore({ url: database.url });
  const outage: Outage = {};
  const real = createActivities({ store, env: chatCatalog(provider) });
  const activities = { ...real, ...withOutage(real, outage) };
  const journals = openPostgresStore({ url: database.url });
  const executor = createLocalExecutor({ store: journals, workflows, activities });
  const stop = async (): Promise<void> => {
    await executor.close();
    await Promise.all([journals.close(), store.close()]);
    await database.drop();
  };
  return { executor, dispatcher: dispatchTo(executor), provider, store, outage, stop };
}

beforeAll(async () => {
  provider = await startStandInProvider();
  [onTemporal, inProcess] = [await temporalWorld(), await localWorld()];
}, 120_000);

afterAll(async () => {
  await Promise.all([onTemporal.stop(), inProcess.stop()]);
  await provider.close();
}, 60_000);

// First, while neither knows anything of the models that the other does not.
describe('chats on the fleet and in process', () => {
  describeParity(() => [onTemporal, inProcess]);
});

describe('chats on the fleet', () => {
  describeOutages(() => onTemporal);
  describeChat(() => onTemporal);
  describeOrchestrate(() => onTemporal);
});

describe('chats in process, on Postgres', () => {
  describeOutages(() => inProcess);
  describeChat(() => inProcess);
  describeOrchestrate(() => inProcess);
});
