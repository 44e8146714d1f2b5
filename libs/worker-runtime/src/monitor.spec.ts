import { startMonitorWorld, type MonitorWorld } from './test-monitor-world';

let world: MonitorWorld;
beforeAll(async () => {
  world = await startMonitorWorld();
}, 120_000);
afterAll(() => world.stop(), 60_000);

async function done(monitorId: string) {
  const outcome = await world.run(monitorId);
  if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome));
  return outcome.result;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}

test.each([
  ['once', ['no', 'yes', 'skipped', 'skipped'], 1],
  ['always', ['no', 'yes', 'yes', 'yes'], 3],
  ['track_state', ['no', 'yes', 'no', 'yes'], 2],
] as const)('a page unmet, met, the same and another: %s', async (notify, expected, count) => {
  const { id } = await world.monitor({ notify });
  const before = world.page.told.length;
  const seen: string[] = [];
  for (const text of ['nothing yet', 'tickets are on sale', 'tickets are on sale', 'tickets are on sale: 2 left']) {
    world.page.says(text);
    const { status, notified } = await done(id);
    seen.push(status === 'skipped' ? status : notified.length === 1 ? 'yes' : 'no');
  }
  expect(seen).toEqual(expected);
  await until(async () => (await world.notices(id)).every(({ status }) => status === 'delivered'));
  expect([(await world.notices(id)).length, world.page.told.length - before]).toEqual([count, count]);
});
