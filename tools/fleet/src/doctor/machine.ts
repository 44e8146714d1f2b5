import { errorText } from '@fleet/errors';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../environment';
import { bytes } from '../output/format';
import { missing, notable, ok, type Check } from './check';

const NEEDED_BYTES = 1024 ** 3;

/** The wrapper refuses an older Node, so this one is recent enough. */
export function checkNode(): Check {
  return ok('Node', process.versions.node);
}

/** node_modules against the lock file. */
export function checkModules(): Check {
  const hash = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const stamp = join(ROOT, 'node_modules', '.fleet-lock-hash');
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (installed === hash) return ok('npm packages', 'as in package-lock.json');
  return missing('npm packages', 'not as in package-lock.json', 'Run: npm ci.');
}

/** Room for Temporal's and Postgres' data. */
export function checkDisk(stateDir: string): Check {
  const folder = nearestExisting(stateDir);
  try {
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    if (free >= NEEDED_BYTES) return ok('Disk', `${bytes(free)} free for ${stateDir}`);
    const remedy = 'Free some space, or set FLEET_STATE_DIR to a folder on another disk.';
    return missing('Disk', `${bytes(free)} free for ${stateDir}, ${bytes(NEEDED_BYTES)} are needed`, remedy);
  } catch (error) {
    return notable('Disk', `free space of ${folder} is not known: ${errorText(error)}`);
  }
}

function nearestExisting(path: string): string {
  let folder = path;
  while (!existsSync(folder)) folder = dirname(folder);
  return folder;
}
