import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { devServerName } from './build-dev-server';
import { isRecentEnough } from './executable-version';
import { findTemporalExecutable, userCacheBin } from './temporal-executable';
import { temporaryState } from './testing';

/** No way out: the SDK's download and Go's module proxy both end at a closed port. */
const OFFLINE = { HTTPS_PROXY: 'http://127.0.0.1:1', GOPROXY: 'off', GOFLAGS: '-mod=mod' };

describe('findTemporalExecutable', () => {
  const { stateDir, remove } = temporaryState();
  const bin = join(stateDir, 'path');
  const lines: string[] = [];
  const onLine = (line: string): void => void lines.push(line);

  const find = (folder: string, env: NodeJS.ProcessEnv): Promise<string> =>
    findTemporalExecutable({ stateDir: join(stateDir, folder), onLine, downloadStallMs: 2_000, env });
  const offline = (name: string): NodeJS.ProcessEnv => ({
    ...OFFLINE,
    HOME: join(stateDir, name),
    GOMODCACHE: join(stateDir, name, 'modules'),
    FLEET_CACHE_DIR: join(stateDir, name),
  });

  beforeAll(() => mkdirSync(bin));
  beforeEach(() => void lines.splice(0));
  afterAll(remove);

  it('takes what FLEET_TEMPORAL_CLI names, and says when it is old', async () => {
    const path = program(join(stateDir, 'my-temporal'), '1.29.1');
    expect(await find('named', { FLEET_TEMPORAL_CLI: path })).toBe(path);
    expect(lines).toEqual([expect.stringContaining('server 1.29.1, and standalone activities need 1.31.0')]);
  });

  it('refuses a FLEET_TEMPORAL_CLI that does not run', async () => {
    await expect(find('named', { FLEET_TEMPORAL_CLI: '/nowhere/temporal' })).rejects.toMatchObject({
      code: 'invalid_variable',
      message: expect.stringContaining('/nowhere/temporal'),
    });
  });

  it('takes a recent `temporal` of PATH', async () => {
    const path = program(join(bin, 'temporal'), '1.31.2');
    expect(await find('path', { PATH: bin })).toBe(path);
  });

  it('passes over an old one, tries the rest quickly, and then names everything it tried with the ways out', async () => {
    program(join(bin, 'temporal'), '1.29.1');
    const start = Date.now();
    const message = await find('none', { ...offline('empty'), PATH: bin }).catch((error: Error) => error.message);
    expect(Date.now() - start).toBeLessThan(10_000);
    expect(lines[0]).toContain('passed over');
    for (const part of ['server 1.29.1', 'nothing usable is kept in', 'download failed', 'FLEET_TEMPORAL_CLI', 'Go']) {
      expect(message).toContain(part);
    }
    expect(readdirSync(join(stateDir, 'empty', 'bin'))).toEqual([]); // no lock, no half of a download or a build
  });

  it('finds what an earlier clone left in the cache of the user', async () => {
    const cache = join(stateDir, 'cache', 'bin');
    mkdirSync(cache, { recursive: true });
    const path = program(join(cache, devServerName()), '1.32.0');
    expect(await find('clone', { PATH: '', FLEET_CACHE_DIR: join(stateDir, 'cache') })).toBe(path);
    expect(existsSync(join(stateDir, 'clone', 'bin'))).toBe(false);
  });

  it('keeps the cache where FLEET_CACHE_DIR or the platform says', () => {
    expect(userCacheBin({ FLEET_CACHE_DIR: '/a', XDG_CACHE_HOME: '/b' })).toBe(join('/a', 'bin'));
    expect(userCacheBin({ XDG_CACHE_HOME: '/b' })).toBe(join('/b', 'temporal-fleet', 'bin'));
    expect(userCacheBin({})).toMatch(/\.cache.temporal-fleet.bin$/);
  });

  it.each([
    ['1.31.0', true],
    ['1.32.1', true],
    ['2.0.0', true],
    ['1.30.9', false],
    ['0.99.0', false],
  ])('server %s is recent enough: %s', (version, expected) => {
    expect(isRecentEnough(version)).toBe(expected);
  });
});

/** A program with the one ability that the search looks at: to say its version. */
function program(path: string, version: string): string {
  writeFileSync(path, `#!/bin/sh\necho "temporal version 1.0.0 (Server ${version}, UI 2.0.0)"\n`);
  chmodSync(path, 0o755);
  return path;
}
