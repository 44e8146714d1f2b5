// The local executor on Postgres, with its defaults.
import { createLocalExecutor } from '@fleet/durable-executor';
import { openPostgresStore } from '@fleet/durable-executor/postgres';
import { serveSteps } from './serve';
import { doStep, threeSteps } from './steps';

serveSteps(async () => {
  const store = openPostgresStore({ url: process.env['BENCH_DATABASE_URL'] ?? '' });
  const executor = createLocalExecutor({ store, workflows: [threeSteps], activities: { step: doStep } });
  await executor.resume();
  return async ({ waitMs }) => (await executor.execute(threeSteps, { waitMs })).result();
});
