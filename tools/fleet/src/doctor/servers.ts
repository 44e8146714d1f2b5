import { errorText, isFleetError } from '@fleet/errors';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Environment } from '../environment';
import { devServerName } from '../services/build-dev-server';
import { isSdkDownload } from '../services/download-cli';
import { findOnPath, isRecentEnough, NEEDED_SERVER, serverVersion } from '../services/executable-version';
import { postgresPrograms } from '../services/postgres-programs';
import { userCacheBin } from '../services/temporal-executable';
import { missing, notable, ok, type Check } from './check';

const CONNECT_MS = 3000;

/** The Temporal server, or what it will be made of; and Go, which builds one where nothing can be downloaded. */
export async function checkTemporal(env: Environment, stateDir: string): Promise<readonly Check[]> {
  const address = env['TEMPORAL_ADDRESS'] || env['TEMPORAL_HOST'];
  if (address) return [await checkExternalTemporal(address)];
  const executable = checkExecutable(env, stateDir);
  const go = goVersion(env);
  if (executable.state === 'ok' || executable.state === 'missing')
    return [executable, go ?? notable('Go', 'not needed')];
  const remedy = 'It is needed only where the Temporal CLI cannot be downloaded: https://go.dev/dl.';
  return [executable, go ?? notable('Go', 'not found', remedy)];
}

/** DATABASE_URL, or the embedded server. */
export async function checkPostgres(env: Environment): Promise<Check> {
  const url = env['DATABASE_URL'];
  if (url) return checkExternalPostgres(url);
  try {
    const { postgres, env: programEnv } = await postgresPrograms();
    return ok('Postgres', execFileSync(postgres, ['--version'], { encoding: 'utf8', env: programEnv }).trim());
  } catch (error) {
    const remedy = isFleetError(error) ? error.remedy : 'Set DATABASE_URL to a Postgres of your own.';
    return missing('Postgres', errorText(error), remedy);
  }
}

/** A namespace that answers says more than an open port, but needs credentials: the version does not. */
async function checkExternalTemporal(address: string): Promise<Check> {
  const [host = '', port = '7233'] = address.split(/:(?=\d+$)/);
  const problem = await connectProblem(host, Number(port));
  if (problem)
    return missing(
      'Temporal',
      `${address} does not answer: ${problem}`,
      'Check TEMPORAL_ADDRESS, or unset it to use the embedded server.',
    );
  return notable('Temporal', `${address} accepts connections; jobs of one step need server ${NEEDED_SERVER} or newer`);
}

async function checkExternalPostgres(url: string): Promise<Check> {
  if (!URL.canParse(url))
    return missing(
      'Postgres',
      'DATABASE_URL is not an address',
      'Write it as postgres://user:password@host:5432/name.',
    );
  const { hostname, port } = new URL(url);
  const problem = await connectProblem(hostname, Number(port || 5432));
  if (!problem) return ok('Postgres', `${hostname}:${port || 5432} accepts connections`);
  return missing(
    'Postgres',
    `${hostname} does not answer: ${problem}`,
    'Check DATABASE_URL, or unset it to use the embedded server.',
  );
}

function checkExecutable(env: Environment, stateDir: string): Check {
  const named = env['FLEET_TEMPORAL_CLI'];
  const candidates = named ? [findOnPath(named, env['PATH']) ?? named] : executables(env, stateDir);
  const tooOld: string[] = [];
  for (const path of candidates) {
    const version = serverVersion(path);
    if (version !== undefined && isRecentEnough(version)) return ok('Temporal', `server ${version} (${path})`);
    tooOld.push(`${path} holds ${version === undefined ? 'no server that says its version' : `server ${version}`}`);
  }
  if (named)
    return missing(
      'Temporal',
      `FLEET_TEMPORAL_CLI: ${tooOld.join('; ')}`,
      `Name a CLI with server ${NEEDED_SERVER} or newer.`,
    );
  const passedOver = tooOld.length > 0 ? ` (passed over: ${tooOld.join('; ')})` : '';
  return notable('Temporal', `no executable yet; fleet up downloads one, or builds it with Go${passedOver}`);
}

function executables(env: Environment, stateDir: string): readonly string[] {
  const onPath = findOnPath('temporal', env['PATH']);
  const built = devServerName();
  const kept = [join(stateDir, 'bin'), userCacheBin(env)].flatMap((folder) => {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names.filter((name) => name === built || isSdkDownload(name)).map((name) => join(folder, name));
  });
  return onPath ? [onPath, ...kept] : kept;
}

function goVersion(env: Environment): Check | undefined {
  const go = findOnPath('go', env['PATH']);
  if (!go) return undefined;
  try {
    return ok('Go', execFileSync(go, ['version'], { encoding: 'utf8', timeout: 10_000 }).trim());
  } catch (error) {
    return notable('Go', `${go} does not run: ${errorText(error)}`);
  }
}

function connectProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (problem?: string): void => (socket.destroy(), resolve(problem));
    socket.once('connect', () => end());
    socket.once('timeout', () => end(`no answer in ${CONNECT_MS / 1000} s`));
    socket.once('error', (error) => end(errorText(error)));
  });
}
