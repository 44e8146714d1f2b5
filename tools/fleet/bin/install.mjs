import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs `npm ci` when node_modules does not match the lock file. The hash of the lock file that was installed is kept in
 * node_modules/.fleet-lock-hash, so that a start with nothing to do costs one read.
 */
export function installWhenNeeded(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex');
  const stamp = join(root, 'node_modules', '.fleet-lock-hash');
  if (textOf(stamp) === hash) return;
  // Someone may have run npm themselves: what is installed decides, not who installed it.
  if (!isInstalled(lock, textOf(join(root, 'node_modules', '.package-lock.json')))) npmCi(root);
  writeFileSync(stamp, hash);
}

/** True when every package of the lock file that is not optional is there in its version. */
function isInstalled(lock, installedText) {
  if (installedText === undefined) return false;
  const wanted = JSON.parse(lock).packages;
  const installed = JSON.parse(installedText).packages;
  return Object.entries(wanted).every(([path, { version, optional, devOptional, peer }]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = installed[path];
    return found ? found.version === version : Boolean(optional || devOptional || peer);
  });
}

function npmCi(root) {
  process.stderr.write('Installing the npm packages (npm ci); this takes about half a minute.\n');
  // Under `npm start` npm names itself, and that one is used: another npm in PATH may be older.
  const own = process.env['npm_execpath'];
  const [command, before] = own?.endsWith('npm-cli.js') ? [process.execPath, [own]] : ['npm', []];
  // Its output goes to standard error: standard output belongs to the command that was asked for.
  const { status, signal, error } = spawnSync(command, [...before, 'ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (signal) process.exit(130);
  if (status === 0) return;
  const failure = new Error(`npm ci failed: ${error ? error.message : `exit code ${status}`}`);
  failure.remedy = 'Its own message is above. Check that npm can reach its registry: npm ping.';
  throw failure;
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
