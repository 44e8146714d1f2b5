// The local executor on Postgres, with its defaults.
import { createLocalExecutor } from '@fleet/durable-executor';
import { openPostgresStore } from '@fleet/durable-executor/postgres';
import { serve } from './serve';
import { doStep, threeSteps } from './steps';

serve(async () => {
  const store = openPostgresStore({ url: process.env['BENCH_DATABASE_URL'] ?? '' });
  const executor = createLocalExecutor({ store, workflows: [threeSteps], activities: { step: doStep } });
  await executor.resume();
  return async ({ waitMs }) => (await executor.execute(threeSteps, { waitMs })).result();
});
