import { drain } from './drain';
import { ManagedApp } from './managed-app';
import { ProcessRecord } from './process-record';
import { testFolder, until } from './test-folder';

const folder = testFolder();

/** An app that takes that long to drain; Infinity ignores the signal. */
async function draining(label: string, ms: number, events: string[]): Promise<ManagedApp> {
  const end = ms === Infinity ? '' : `setTimeout(() => { console.log('ended'); process.exit(0); }, ${ms})`;
  const script = `process.on('SIGTERM', () => { console.log('asked'); ${end} }); setInterval(() => {}, 1000); console.log('up')`;
  const app = new ManagedApp(
    { label, command: [process.execPath, '-e', script], cwd: folder, env: process.env },
    { record: new ProcessRecord(folder), onLine: (line) => events.push(`${label} ${line}`), say: () => undefined },
  );
  void app.start();
  app.supervise();
  await until(() => events.includes(`${label} up`));
  return app;
}

describe('drain', () => {
  it('asks the gateway first and the workers once it has ended', async () => {
    const events: string[] = [];
    const gateway = await draining('gateway', 200, events);
    const workers = [await draining('worker-a', 50, events), await draining('worker-b', 50, events)];
    await drain({ gateway: [gateway], workers, limitMs: 10_000, say: () => undefined });
    const order = events.filter((event) => !event.endsWith(' up'));
    expect(order.slice(0, 2)).toEqual(['gateway asked', 'gateway ended']);
    expect(order.slice(2).toSorted()).toEqual(['worker-a asked', 'worker-a ended', 'worker-b asked', 'worker-b ended']);
  });

  it('does not let a slow gateway hold up the workers', async () => {
    const events: string[] = [];
    const gateway = await draining('gateway', 1500, events);
    const worker = await draining('worker', 10, events);
    await drain({ gateway: [gateway], workers: [worker], gatewayMs: 100, limitMs: 10_000, say: () => undefined });
    expect(events.indexOf('worker ended')).toBeLessThan(events.indexOf('gateway ended'));
  });

  it('says who still drains, and kills at the limit', async () => {
    const said: string[] = [];
    const worker = await draining('worker-stuck', Infinity, []);
    const { pid } = worker;
    const say = (_level: string, message: string) => void said.push(message);
    await drain({ gateway: [], workers: [worker], limitMs: 500, sayEveryMs: 200, say });
    expect(said[0]).toMatch(/^still draining after \d+ ms: worker-stuck$/);
    expect(said.at(-1)).toBe('worker-stuck did not end within 500 ms: killed');
    expect(() => process.kill(pid as number, 0)).toThrow('ESRCH');
  });
});
