import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { identify } from './process-identity';
import { lockFile, runningFleet, takeLock } from './lock';
import { testFolder } from './test-folder';

const folder = testFolder();
const file = lockFile(folder);

describe('takeLock', () => {
  it('refuses while its holder lives, naming folder and pid, and lets go', () => {
    const lock = takeLock(folder);
    expect(() => takeLock(folder)).toThrow(`A fleet is already running from ${folder} (pid ${process.pid})`);
    expect(runningFleet(folder)).toMatchObject({ pid: process.pid });
    lock.release();
    expect(runningFleet(folder)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('tells the database to others, and only to this user', () => {
    const lock = takeLock(folder);
    lock.describe({ databaseUrl: 'postgres://fleet:secret@127.0.0.1/fleet' });
    expect(runningFleet(folder)?.databaseUrl).toBe('postgres://fleet:secret@127.0.0.1/fleet');
    expect(statSync(file).mode & 0o077).toBe(0);
    lock.release();
  });

  it.each([
    ['of a process that has ended', () => JSON.stringify({ pid: spawnSync('true').pid, startTime: '1' })],
    ['whose number belongs to another process now', () => JSON.stringify({ pid: process.ppid, startTime: 'long ago' })],
    ['that is cut short', () => '{"pid":'],
  ])('takes over a lock %s', (_what, content) => {
    writeFileSync(file, content());
    const lock = takeLock(folder);
    expect(runningFleet(folder)).toEqual(identify(process.pid));
    lock.release();
    expect(existsSync(file)).toBe(false);
  });

  it('does not take away the lock of another one when it is released late', () => {
    const lock = takeLock(folder);
    writeFileSync(file, JSON.stringify({ pid: process.ppid, startTime: '1' }));
    lock.release();
    expect(existsSync(file)).toBe(true);
  });
});
