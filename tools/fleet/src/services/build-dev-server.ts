import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Made } from './download-cli';
import { findOnPath } from './executable-version';
import { isAlive } from './process-table';

const LINE_EVERY_MS = 5_000;

/**
 * The file name of the development server built from the present sources for this platform. It carries a hash of them, so
 * that a changed source is never served by an old executable.
 */
export function devServerName(): string {
  const folder = sourceFolder();
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const name of readdirSync(folder).toSorted()) {
    if (/\.go$|^go\.(mod|sum)$/.test(name) && !name.endsWith('_test.go')) {
      hash.update(`\n${name}\n`).update(readFileSync(join(folder, name)));
    }
  }
  const extension = process.platform === 'win32' ? '.exe' : '';
  return `temporal-dev-server-${hash.digest('hex').slice(0, 16)}${extension}`;
}

/**
 * Builds tools/temporal-dev-server with Go into `folder`. Of several processes one builds and the others wait for it. The
 * executable appears under its name only when it is whole.
 *
 * @param onLine Told the progress every 5 s: packages compiled so far, seconds.
 * @returns the path, or the reason for the failure; never throws for a failed build.
 */
export async function buildDevServer(
  folder: string,
  onLine: (line: string) => void,
  env: NodeJS.ProcessEnv,
): Promise<Made> {
  const go = findOnPath('go', `${env['PATH'] ?? ''}${delimiter}/usr/local/go/bin`);
  if (!go) return { reason: 'there is no `go` on PATH to build tools/temporal-dev-server with' };
  const target = join(folder, devServerName());
  const lock = `${target}.lock`;
  for (let waits = 0; !existsSync(target); waits += 1) {
    if (takeLock(lock)) {
      try {
        return await build(go, target, onLine, env);
      } finally {
        rmSync(lock, { force: true });
      }
    }
    if (waits % 10 === 0) onLine('waiting for another process that builds the Temporal server');
    await delay(1_000);
  }
  return { path: target };
}

async function build(
  go: string,
  target: string,
  onLine: (line: string) => void,
  env: NodeJS.ProcessEnv,
): Promise<Made> {
  const draft = `${target}.${process.pid}.new`;
  const start = Date.now();
  const seconds = (): number => Math.round((Date.now() - start) / 1000);
  onLine('building the Temporal server with Go (once; about 3 minutes, more on a busy machine)');
  let packages = 0;
  let stage = 'reading the sources';
  const timer = setInterval(() => onLine(`building the Temporal server: ${stage}, ${seconds()} s`), LINE_EVERY_MS);
  try {
    const args = ['build', '-v', '-trimpath', '-ldflags', '-s -w', '-o', draft, '.'];
    const failure = await runGo(go, args, env, (line) => {
      if (line.startsWith('go: downloading')) stage = 'downloading modules';
      else stage = `${++packages} packages compiled`;
    });
    if (failure) return { reason: `go build failed (${failure})` };
    renameSync(draft, target);
    onLine(`built the Temporal server in ${seconds()} s`);
    return { path: target };
  } finally {
    clearInterval(timer);
    rmSync(draft, { force: true });
  }
}

/** Resolves with undefined, or with the last lines Go wrote when it failed. */
function runGo(
  go: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(go, [...args], {
      cwd: sourceFolder(),
      env: { ...env, CGO_ENABLED: '0' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const last: string[] = [];
    let rest = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        onLine(line);
        last.push(line);
      }
      last.splice(0, last.length - 3);
    });
    const kill = (): void => void child.kill();
    process.once('exit', kill);
    child.once('error', (error) => last.push(error.message));
    child.once('close', (code) => {
      process.off('exit', kill);
      resolve(code === 0 ? undefined : [...last, rest].filter(Boolean).join(' | '));
    });
  });
}

/**
 * Takes the lock, or removes it when the process that held it is gone, for the next turn to take. Two processes that both
 * remove it both build: that costs time and harms nothing, since each renames a whole executable into place.
 */
function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (isAbandoned(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isAbandoned(lock: string): boolean {
  const stat = statSync(lock, { throwIfNoEntry: false });
  if (!stat) return false;
  // Empty: its writer is between creating and writing it, or died there.
  return stat.size === 0 ? Date.now() - stat.mtimeMs > 10_000 : !isAlive(Number(readFileSync(lock, 'utf8')));
}

/** Found from this file upwards, because it may have been bundled into another folder. */
function sourceFolder(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, 'tools', 'temporal-dev-server');
    if (existsSync(join(candidate, 'go.mod'))) return candidate;
    if (folder === dirname(folder)) throw new Error(`tools/temporal-dev-server is in no folder above ${__dirname}`);
  }
}
