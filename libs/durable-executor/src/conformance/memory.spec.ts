import { createLocalExecutor } from '../executors/local';
import { createMemoryStore } from '../stores/memory';
import { ActivityLog, conformanceActivities } from './activities';
import { describeExecutor } from './suite';
import { CONFORMANCE_WORKFLOWS } from './workflows';

describeExecutor({
  name: 'local on memory',
  async start(hooks) {
    const log = new ActivityLog();
    const executor = createLocalExecutor({
      store: createMemoryStore(),
      workflows: CONFORMANCE_WORKFLOWS,
      activities: conformanceActivities(log),
      hooks,
    });
    return { executor, log, stop: () => executor.close() };
  },
});
