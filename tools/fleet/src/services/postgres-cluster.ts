import { spawn } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FleetError } from '@fleet/errors';
import type { Identity } from './postgres-identity';
import type { PostgresPrograms } from './postgres-programs';

/** A data folder and what is needed to work on it while its server is stopped. */
export interface Cluster {
  readonly programs: PostgresPrograms;
  readonly dataDir: string;
  /** Whom the data belongs to; undefined: the present user. */
  readonly identity: Identity | undefined;
  readonly user: string;
  readonly database: string;
}

/**
 * Creates the cluster with its user and database. It is made under another name and renamed: a start that was killed
 * half-way leaves nothing that looks like a database.
 *
 * @throws FleetError `setup_failed` with what initdb said.
 */
export async function initialiseCluster(cluster: Cluster, password: string): Promise<void> {
  const draft = { ...cluster, dataDir: `${cluster.dataDir}.new` };
  rmSync(draft.dataDir, { recursive: true, force: true });
  mkdirSync(draft.dataDir, { mode: 0o700 });
  own(draft.dataDir, cluster.identity);
  // In a folder only that user can enter: initdb takes the first password from a file.
  const secrets = mkdtempSync(join(tmpdir(), 'fleet-pg-'));
  try {
    const passwordFile = join(secrets, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    own(passwordFile, cluster.identity);
    own(secrets, cluster.identity);
    await runProgram(cluster, cluster.programs.initdb, [
      `--pgdata=${draft.dataDir}`,
      `--username=${cluster.user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Postgres's own locale: the same order on every machine, whatever the operating system ships.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
    ]);
    await singleUser(draft, `CREATE DATABASE ${cluster.database}`);
    renameSync(draft.dataDir, cluster.dataDir);
  } finally {
    rmSync(secrets, { recursive: true, force: true });
  }
}

/**
 * Sets the user's password in a stopped cluster.
 *
 * @throws FleetError `setup_failed` with what Postgres said.
 */
export async function setPassword(cluster: Cluster, password: string): Promise<void> {
  await singleUser(cluster, `ALTER USER ${cluster.user} PASSWORD '${password}'`);
}

/** Single-user mode needs neither a server nor a client library. One statement per line. */
async function singleUser(cluster: Cluster, statement: string): Promise<void> {
  const args = ['--single', '-D', cluster.dataDir, 'postgres'];
  const output = await runProgram(cluster, cluster.programs.postgres, args, `${statement};\n`);
  // A failed statement does not change the exit code.
  const failure = /^.*\b(ERROR|FATAL):.*$/m.exec(output)?.[0];
  if (failure) throw failed(failure);
}

function runProgram(cluster: Cluster, command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      ...cluster.identity,
      env: cluster.programs.env,
      cwd: dirname(cluster.dataDir),
    });
    let output = '';
    const collect = (text: string): void => void (output += text);
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.once('error', (error) => reject(failed(error.message)));
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(failed(output.trim().slice(-500)))));
    child.stdin.end(input);
  });
}

function own(path: string, identity: Identity | undefined): void {
  if (identity) chownSync(path, identity.uid, identity.gid);
}

function failed(reason: string): FleetError {
  return new FleetError('setup_failed', { step: 'Preparing the Postgres database', reason });
}
