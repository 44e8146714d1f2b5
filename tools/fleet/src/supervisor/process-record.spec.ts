import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endLeftovers, ProcessRecord } from './process-record';
import { testFolder, until } from './test-folder';

const folder = testFolder();
const file = join(folder, 'processes.json');
const children: ChildProcess[] = [];

afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

async function leftover(onTerm = 'process.exit(0)'): Promise<ChildProcess & { pid: number }> {
  const script = `process.on('SIGTERM', () => { ${onTerm} }); setInterval(() => {}, 1000); console.log('up')`;
  const child = spawn(process.execPath, ['-e', script], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child as never;
}

describe('endLeftovers', () => {
  it('ends what a killed supervisor had started, says so, and forgets it', async () => {
    const child = await leftover();
    new ProcessRecord(folder).add('worker-high', child.pid);
    const lines: string[] = [];
    await endLeftovers(folder, (line) => lines.push(line));
    await until(() => child.exitCode !== null);
    expect(lines).toEqual([`ending worker-high (pid ${child.pid}), left behind by a fleet that was killed`]);
    expect(existsSync(file)).toBe(false);
  });

  it('kills what does not end when asked', async () => {
    const child = await leftover('');
    new ProcessRecord(folder).add('worker-high', child.pid);
    await endLeftovers(folder, () => undefined, 200);
    await until(() => child.signalCode === 'SIGKILL');
  });

  it('leaves a process alone that only has the number of an old one', async () => {
    const child = await leftover();
    writeFileSync(file, JSON.stringify([{ pid: child.pid, startTime: 'long ago', label: 'worker-high' }]));
    const lines: string[] = [];
    await endLeftovers(folder, (line) => lines.push(line));
    expect(lines).toEqual([]);
    expect(child.exitCode).toBeNull();
  });

  it.each(['', '[{"pid":', undefined])('is not stopped by a record cut short (%j)', async (text) => {
    if (text !== undefined) writeFileSync(file, text);
    await expect(endLeftovers(folder, () => undefined)).resolves.toBeUndefined();
  });
});

describe('ProcessRecord', () => {
  it('holds what runs now', async () => {
    const record = new ProcessRecord(folder);
    const [first, second] = [await leftover(), await leftover()];
    record.add('gateway', first.pid);
    record.add('worker-high', second.pid);
    record.remove(first.pid);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([
      expect.objectContaining({ label: 'worker-high', pid: second.pid }),
    ]);
    record.killAll();
    await until(() => second.signalCode === 'SIGKILL');
    expect(first.signalCode).toBeNull();
  });
});
