import { createTestDatabase } from '@fleet/store/test-database';
import { createLocalExecutor } from '../executors/local';
import { openPostgresStore } from '../stores/postgres';
import { ActivityLog, conformanceActivities } from './activities';
import { describeExecutor } from './suite';
import { CONFORMANCE_WORKFLOWS } from './workflows';

describeExecutor({
  name: 'local on Postgres',
  async start(hooks) {
    const database = await createTestDatabase();
    const store = openPostgresStore({ url: database.url });
    const log = new ActivityLog();
    const activities = conformanceActivities(log);
    const executor = createLocalExecutor({ store, workflows: CONFORMANCE_WORKFLOWS, activities, hooks });
    const stop = async (): Promise<void> => {
      await executor.close();
      await store.close();
      await database.drop();
    };
    return { executor, log, stop };
  },
});
