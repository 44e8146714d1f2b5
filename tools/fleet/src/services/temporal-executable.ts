import { existsSync, linkSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve, sep } from 'node:path';
import { FleetError } from '@fleet/errors';
import { buildDevServer, devServerName } from './build-dev-server';
import { downloadCli, isSdkDownload } from './download-cli';
import { findOnPath, isRecentEnough, NEEDED_SERVER, serverVersion } from './executable-version';

/** Where to look for a Temporal server and whom to tell. */
export interface FindExecutableOptions {
  /** The fleet's state folder; executables are kept in its `bin`. */
  readonly stateDir: string;
  /** Told what is being done, one line at a time, without a newline. */
  readonly onLine: (line: string) => void;
  /** Default: `process.env`. Read: FLEET_TEMPORAL_CLI, FLEET_CACHE_DIR, XDG_CACHE_HOME, PATH. */
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds without a byte received after which the download is given up. Default: 10,000. */
  readonly downloadStallMs?: number;
}

/**
 * Finds an executable that understands `server start-dev`, or makes one. In this order: FLEET_TEMPORAL_CLI; `temporal` on
 * PATH; one kept in `<state>/bin` or in the user's cache; the SDK's own download; `go build` of tools/temporal-dev-server.
 * All but the first must hold server 1.31 or newer, which standalone activities need.
 *
 * @returns the absolute path of the executable.
 * @throws FleetError `invalid_variable` when FLEET_TEMPORAL_CLI names no working executable; `setup_failed` listing
 *   everything that was tried.
 */
export async function findTemporalExecutable(options: FindExecutableOptions): Promise<string> {
  const env = options.env ?? process.env;
  const named = env['FLEET_TEMPORAL_CLI'];
  if (named) return explicit(named, env, options.onLine);

  const tried: string[] = [];
  const stateBin = resolve(options.stateDir, 'bin');
  const cacheBin = userCacheBin(env);
  const found = fromPath(env, tried, options.onLine) ?? fromCache([stateBin, cacheBin], tried);
  if (found) return found;

  const bin = writable(cacheBin) ? cacheBin : stateBin;
  mkdirSync(bin, { recursive: true });
  const made = (await fromDownload(bin, options, tried)) ?? (await fromSource(bin, options, tried));
  if (made) return keepInState(made, stateBin);
  throw new FleetError('setup_failed', {
    step: 'Finding a Temporal server',
    reason:
      `${tried.join('; ')}. Either set TEMPORAL_ADDRESS to a running server, or put the Temporal CLI (server ` +
      `${NEEDED_SERVER} or newer) on PATH or in FLEET_TEMPORAL_CLI, or install Go and allow it to reach a module proxy`,
  });
}

/**
 * The folder of executables that every clone on this machine shares: `$FLEET_CACHE_DIR/bin`, else
 * `$XDG_CACHE_HOME/temporal-fleet/bin`, else `~/.cache/temporal-fleet/bin`.
 */
export function userCacheBin(env: NodeJS.ProcessEnv): string {
  if (env['FLEET_CACHE_DIR']) return join(env['FLEET_CACHE_DIR'], 'bin');
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'temporal-fleet', 'bin');
}

/** What the user names is used even when it is old: they may have their reasons, so they are only told. */
function explicit(named: string, env: NodeJS.ProcessEnv, onLine: (line: string) => void): string {
  const path = (named.includes(sep) ? undefined : findOnPath(named, env['PATH'])) ?? resolve(named);
  const version = serverVersion(path);
  if (version === undefined) {
    throw new FleetError('invalid_variable', {
      variable: 'FLEET_TEMPORAL_CLI',
      rule: 'the path of a Temporal CLI whose --version names its server',
      got: named,
    });
  }
  if (!isRecentEnough(version)) onLine(`FLEET_TEMPORAL_CLI holds ${tooOld(version)}: single-step jobs will fail`);
  return path;
}

function fromPath(env: NodeJS.ProcessEnv, tried: string[], onLine: (line: string) => void): string | undefined {
  const path = findOnPath('temporal', env['PATH']);
  if (!path) {
    tried.push('PATH has no `temporal`');
    return undefined;
  }
  const version = serverVersion(path);
  if (version !== undefined && isRecentEnough(version)) return path;
  const reason =
    version === undefined ? `${path} does not say its server's version` : `${path} holds ${tooOld(version)}`;
  tried.push(reason);
  onLine(`passed over: ${reason}`);
  return undefined;
}

function fromCache(folders: readonly string[], tried: string[]): string | undefined {
  const built = devServerName();
  for (const folder of folders) {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    for (const name of names.filter((each) => each === built || isSdkDownload(each))) {
      const version = serverVersion(join(folder, name));
      if (version !== undefined && isRecentEnough(version)) return join(folder, name);
    }
  }
  tried.push(`nothing usable is kept in ${folders.join(' or ')}`);
  return undefined;
}

async function fromDownload(bin: string, options: FindExecutableOptions, tried: string[]): Promise<string | undefined> {
  options.onLine('downloading the Temporal CLI');
  const result = await downloadCli(bin, options.downloadStallMs ?? 10_000, options.onLine, options.env ?? process.env);
  const version = 'path' in result ? serverVersion(result.path) : undefined;
  if ('path' in result && version !== undefined && isRecentEnough(version)) return result.path;
  const reason =
    'reason' in result
      ? `the download failed (${result.reason})`
      : `the download holds ${tooOld(version ?? 'unknown')}`;
  tried.push(reason);
  options.onLine(`${reason}: building the server from tools/temporal-dev-server instead`);
  return undefined;
}

async function fromSource(bin: string, options: FindExecutableOptions, tried: string[]): Promise<string | undefined> {
  const result = await buildDevServer(bin, options.onLine, options.env ?? process.env);
  if ('path' in result) return result.path;
  tried.push(result.reason);
  return undefined;
}

/** A second name in the state folder: a cleared user cache then costs nothing. Across file systems the cache has to do. */
function keepInState(path: string, stateBin: string): string {
  const kept = join(stateBin, basename(path));
  try {
    mkdirSync(stateBin, { recursive: true });
    if (!existsSync(kept)) linkSync(path, kept);
    return kept;
  } catch {
    return path;
  }
}

function writable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

function tooOld(version: string): string {
  return `server ${version}, and standalone activities need ${NEEDED_SERVER}`;
}
