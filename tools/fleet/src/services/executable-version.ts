import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

/** The oldest Temporal server with standalone activities, which the fleet's single-step jobs are. */
export const NEEDED_SERVER = '1.31.0';

/**
 * The version of the Temporal server inside an executable, from its `--version`: `1.32.0`.
 *
 * @returns undefined when it cannot be run, does not answer in 10 s, or names no server.
 */
export function serverVersion(path: string): string | undefined {
  const { stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return error ? undefined : /\(Server (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
}

/** True when a server version is at least NEEDED_SERVER. */
export function isRecentEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor = 0, neededMinor = 0] = NEEDED_SERVER.split('.').map(Number);
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
}

/** The first executable file called `name` in the folders of `path` (the PATH variable), or undefined. */
export function findOnPath(name: string, path = ''): string | undefined {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  return path
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => resolve(folder, file))
    .find(isExecutableFile);
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
