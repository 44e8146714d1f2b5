// DBOS Transact in a database of its own on the same server: a queue with its defaults, and one polled every 10 ms.
import { DBOS } from '@dbos-inc/dbos-sdk';
import { serveSteps } from './serve';
import { doStep } from './steps';

const TUNED_POLLING_MS = 10;

async function steps(waitMs: number): Promise<number> {
  const one = await DBOS.runStep(() => doStep({ n: 0, waitMs }), { name: 'one' });
  const two = await DBOS.runStep(() => doStep({ n: one, waitMs }), { name: 'two' });
  return DBOS.runStep(() => doStep({ n: two, waitMs }), { name: 'three' });
}

serveSteps(async () => {
  const url = new URL(process.env['BENCH_DATABASE_URL'] ?? '');
  url.pathname = '/dbos';
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: url.href, logLevel: 'error' });
  const workflow = DBOS.registerWorkflow(steps, { name: 'threeSteps' });
  await DBOS.launch();
  await DBOS.registerQueue('default');
  await DBOS.registerQueue('tuned', { minPollingIntervalMs: TUNED_POLLING_MS });
  return async ({ mode, waitMs }) => {
    const handle = await DBOS.startWorkflow(workflow, { queueName: mode })(waitMs);
    // Its wait for a result polls too, every second unless it is told.
    return handle.getResult(mode === 'tuned' ? { pollingIntervalMs: TUNED_POLLING_MS } : {});
  };
});
