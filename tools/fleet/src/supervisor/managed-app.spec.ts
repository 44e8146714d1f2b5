import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManagedApp, type Backoff } from './managed-app';
import { ProcessRecord } from './process-record';
import { testFolder, until } from './test-folder';

const folder = testFolder();

function app(
  script: string,
  backoff: Backoff = { firstMs: 50, mostMs: 200, resetMs: 60_000 },
  stopping = new AbortController().signal,
) {
  const lines: string[] = [];
  const said: string[] = [];
  const managed = new ManagedApp(
    { label: 'worker-test', command: [process.execPath, '-e', script], cwd: folder, env: process.env },
    {
      record: new ProcessRecord(folder),
      backoff,
      stopping,
      onLine: (line) => lines.push(line),
      say: (_level, message) => said.push(message),
    },
  );
  return { managed, lines, said };
}

describe('ManagedApp', () => {
  it('starts a crashed app again with growing delays, and says code and delay', async () => {
    const { managed, lines, said } = app('console.log("up"); process.exitCode = 3');
    void managed.start();
    managed.supervise();
    await until(() => lines.length >= 5);
    managed.kill();
    await managed.gone();
    const delays = said.map((message) => /starting again in (\d+) ms/.exec(message)?.[1]);
    expect(delays.slice(0, 4)).toEqual(['50', '100', '200', '200']);
    expect(said[0]).toMatch(/^worker-test ended with code 3 at \d\d:\d\d:\d\d\.\d{3}, after /);
  });

  it('names the signal of a killed app, and starts it with the first delay when it had been up for long', async () => {
    const { managed, said } = app('setInterval(() => {}, 1000)', { firstMs: 20, mostMs: 5000, resetMs: 1 });
    void managed.start();
    managed.supervise();
    for (let crash = 1; crash <= 3; crash += 1) {
      await until(() => managed.pid !== undefined);
      process.kill(managed.pid as number, 'SIGKILL');
      await until(() => said.length === crash);
    }
    managed.kill();
    await managed.gone();
    expect(said.every((text) => text.includes('ended with SIGKILL') && text.endsWith('again in 20 ms'))).toBe(true);
  });

  it('starts nothing again once the fleet stops, whoever ended it', async () => {
    const stopping = new AbortController();
    const { managed, said } = app('setInterval(() => {}, 1000)', undefined, stopping.signal);
    void managed.start();
    managed.supervise();
    stopping.abort();
    process.kill(managed.pid as number, 'SIGKILL');
    await managed.gone();
    expect([said, managed.pid]).toEqual([[], undefined]);
  });

  it('does not start again what ends before it was ready, and keeps its last words', async () => {
    const { managed, said } = app('console.error("invalid_variable: FLEET_X"); process.exit(1)');
    expect(await managed.start()).toBe('ended with code 1');
    await managed.gone();
    expect(managed.lastWords).toBe('invalid_variable: FLEET_X');
    expect(said).toEqual([]);
  });

  it('says what cannot be started at all', async () => {
    const { managed } = app('');
    const missing = new ManagedApp(
      { label: 'none', command: [join(folder, 'no-such-program')], cwd: folder, env: {} },
      { record: new ProcessRecord(folder), onLine: () => undefined, say: () => undefined },
    );
    expect(await missing.start()).toMatch(/cannot be started: .*ENOENT/);
    expect(await managed.start()).toBe('ended with code 0');
  });

  it('stops once, and does not start again what was waiting for its next start', async () => {
    const { managed, said } = app('process.exit(1)', { firstMs: 300, mostMs: 300, resetMs: 60_000 });
    void managed.start();
    managed.supervise();
    await until(() => said.length === 1);
    managed.stop();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(managed.pid).toBeUndefined();
  });

  it('takes what an app has started along with it', async () => {
    const file = join(folder, 'grandchild');
    const { managed } = app(
      `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
       require('node:fs').writeFileSync(${JSON.stringify(file)}, String(child.pid)); setTimeout(() => process.exit(0), 100)`,
    );
    await managed.start();
    const pid = Number(readFileSync(file, 'utf8'));
    await until(() => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z'));
  });

  it('ends the standard input of its app when the supervisor is killed, so that the app can drain', async () => {
    const file = join(folder, 'drained');
    const worker = `process.stdin.on('end', () => require('node:fs').writeFileSync(${JSON.stringify(file)}, 'yes')).resume()`;
    const supervisor = spawnSync(
      process.execPath,
      [
        '--import',
        'tsx',
        '--eval',
        `const { ManagedApp } = require(${JSON.stringify(join(__dirname, 'managed-app.ts'))});
         const record = { add() {}, remove() {} };
         const command = [process.execPath, '-e', ${JSON.stringify(worker)}];
         const app = new ManagedApp({ label: 'w', command, cwd: '.', env: process.env }, { record, onLine() {}, say() {} });
         void app.start();
         setTimeout(() => process.kill(process.pid, 'SIGKILL'), 300);`,
      ],
      { cwd: __dirname },
    );
    expect(supervisor.signal).toBe('SIGKILL');
    await until(() => existsSync(file));
  });
});
