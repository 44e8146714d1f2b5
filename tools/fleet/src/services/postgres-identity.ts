import { execFileSync } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorText, FleetError } from '@fleet/errors';

const ACCOUNT = 'postgres';
const OTHERS_ENTER = 0o001;

/** A user and group id. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Who Postgres has to run as: it refuses root, so as root the account `postgres`, created when missing.
 *
 * @returns undefined for everybody but root: Postgres then runs as the present user.
 * @throws FleetError `setup_failed` when the account cannot be created.
 */
export async function postgresIdentity(onLine: (line: string) => void): Promise<Identity | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const known = lookUp();
  if (known) return known;
  onLine(`creating the system account ${ACCOUNT}, because Postgres does not run as root`);
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', ACCOUNT], { stdio: 'pipe' });
  } catch (cause) {
    throw new FleetError(
      'setup_failed',
      {
        step: `Creating the account ${ACCOUNT}`,
        reason: `${errorText(cause)}. Start the fleet as another user than root`,
      },
      { cause },
    );
  }
  return lookUp();
}

function lookUp(): Identity | undefined {
  try {
    return { uid: accountId('-u'), gid: accountId('-g') };
  } catch {
    return undefined;
  }
}

function accountId(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, ACCOUNT], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}

/**
 * Makes sure that another user can enter the folders above `<state>/postgres`. The state folder itself is opened
 * (entering only, no listing) when need be; any other folder is the user's to decide about.
 *
 * @throws FleetError `setup_failed` naming the folder that bars the way, and the ways out.
 */
export function requireReachable(stateDir: string): void {
  const { mode } = statSync(stateDir);
  if ((mode & OTHERS_ENTER) === 0) chmodSync(stateDir, mode | OTHERS_ENTER);
  const closed = closedFolderAbove(stateDir);
  if (closed === undefined) return;
  throw new FleetError('setup_failed', {
    step: 'Starting Postgres',
    reason:
      `it runs as the user ${ACCOUNT}, because you are root, and that user may not enter ${closed}. Run \`chmod o+x ` +
      `${closed}\`, or set FLEET_STATE_DIR to a folder elsewhere, or start as another user, or set DATABASE_URL`,
  });
}

/** The nearest folder above `path` that other users may not enter; undefined when there is none. */
export function closedFolderAbove(path: string): string | undefined {
  return ancestors(path).find((folder) => (statSync(folder).mode & OTHERS_ENTER) === 0);
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestors(parent)];
}
