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
import { chatCatalog, type ChatWorld } from './test-chat-world';
import { startTestFleet } from './test-fleet';

type RunningWorld = ChatWorld & { stop(): Promise<void> };

const workflows = [chat, orchestrate, streamLog];
let provider: StandInProvider;
let onTemporal: RunningWorld;
let inProcess: RunningWorld;

async function temporalWorld(): Promise<RunningWorld> {
  const fleet = await startTestFleet(['high'], undefined, { env: chatCatalog(provider) });
  const server = openServer({ env: fleet.env });
  const executor = createTemporalExecutor({ client: server, workflows, taskQueue: 'high' });
  const stop = async (): Promise<void> => {
    await executor.close();
    await server.close();
    await fleet.stop();
  };
  return { executor, dispatcher: dispatchTo(executor), provider, store: fleet.store, stop };
}

async function localWorld(): Promise<RunningWorld> {
  const database = await createTestDatabase();
  const store = openStore({ url: database.url });
  const activities = createActivities({ store, env: chatCatalog(provider) });
  const executor = createLocalExecutor({ store: openPostgresStore({ url: database.url }), workflows, activities });
  const stop = async (): Promise<void> => {
    await executor.close();
    await store.close();
    await database.drop();
  };
  return { executor, dispatcher: dispatchTo(executor), provider, store, stop };
}

beforeAll(async () => {
  provider = await startStandInProvider();
  [onTemporal, inProcess] = [await temporalWorld(), await localWorld()];
}, 120_000);

afterAll(async () => {
  await Promise.all([onTemporal.stop(), inProcess.stop()]);
  await provider.close();
}, 60_000);

describe('chats on the fleet', () => {
  describeChat(() => onTemporal);
});

describe('chats in process, on Postgres', () => {
  describeChat(() => inProcess);
});
