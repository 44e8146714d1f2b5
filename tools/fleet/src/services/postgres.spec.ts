import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { startPostgres, type RunningPostgres } from './postgres';
import { freePort, temporaryState } from './testing';

describe('startPostgres', () => {
  const { stateDir, remove } = temporaryState();
  const lines: string[] = [];
  let port = 0;
  let running: RunningPostgres | undefined;

  const start = async (): Promise<RunningPostgres> =>
    (running = await startPostgres({ stateDir, port, onLine: (line) => lines.push(line) }));

  beforeAll(async () => void (port = await freePort()));
  afterAll(async () => {
    await running?.stop();
    remove();
  });

  it('creates a database that only its password opens, with safe settings', async () => {
    const { url } = await start();
    expect(await query(url, 'select current_database() as name')).toEqual([{ name: 'fleet' }]);
    expect(
      await query(url, "select name, setting from pg_settings where name in ('fsync', 'full_page_writes')"),
    ).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
    ]);
    expect(statSync(join(stateDir, 'postgres-password')).mode & 0o777).toBe(0o600);
    expect(new URL(url).hostname).toBe('127.0.0.1');
    await expect(query(url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('is out of reach of the Ctrl-C of a terminal: a process group of its own', () => {
    // The fifth field of stat is the process group; elsewhere than on Linux there is nothing as simple to ask.
    if (process.platform !== 'linux') return;
    const fields = readFileSync(`/proc/${running?.pid}/stat`, 'utf8').split(') ')[1]?.split(' ');
    expect(Number(fields?.[2])).toBe(running?.pid);
  });

  it('refuses a second server on the same folder', async () => {
    await expect(startPostgres({ stateDir, port, onLine: () => undefined })).rejects.toMatchObject({
      code: 'already_running',
      message: expect.stringContaining(String(process.pid)),
    });
  });

  it('comes back after kill -9 with what was committed', async () => {
    const first = running as RunningPostgres;
    await query(first.url, 'create table kept (n int)');
    await query(first.url, 'insert into kept values (1)');
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toContain('SIGKILL');
    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  it('is not misled by a postmaster.pid whose number belongs to another program now', async () => {
    const pidFile = join(stateDir, 'postgres', 'postmaster.pid');
    const content = readFileSync(pidFile, 'utf8');
    await running?.stop();
    await running?.stop(); // twice is once
    expect(existsSync(pidFile)).toBe(false);
    writeFileSync(pidFile, content.replace(/^\d+/, String(process.pid)));
    const { url } = await start();
    expect(await query(url, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  it('sets a new password when the file with the old one is gone', async () => {
    const before = (running as RunningPostgres).url;
    await running?.stop();
    rmSync(join(stateDir, 'postgres-password'));
    const { url } = await start();
    expect(url).not.toBe(before);
    expect(await query(url, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  it('says which variable moves a taken port', async () => {
    const other = temporaryState();
    await expect(startPostgres({ stateDir: other.stateDir, port, onLine: () => undefined })).rejects.toMatchObject({
      code: 'port_in_use',
      remedy: expect.stringContaining('FLEET_POSTGRES_PORT'),
    });
    other.remove();
  });
});

async function query(url: string, text: string): Promise<readonly unknown[]> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return [...(await sql.unsafe(text))];
  } finally {
    await sql.end();
  }
}
