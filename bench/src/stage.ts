import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { buildApps } from '@fleet/fleet-cli/build';
import { startPostgres } from '@fleet/fleet-cli/services/postgres';
import { startTemporal } from '@fleet/fleet-cli/services/temporal';
import type { Endings } from './endings';
import { freePorts } from './ports';

/** Root of the checkout. */
export const ROOT = resolve(__dirname, '../..');

/** What all lines of the bench stand on: servers of its own, in a folder of its own. */
export interface Stage {
  /** Removed at the end. */
  readonly folder: string;
  /** Of Temporal. */
  readonly address: string;
  readonly databaseUrl: string;
  readonly endings: Endings;
  /** Tells what is being done, on standard error. */
  readonly say: (line: string) => void;
  /** Ends the bench with this error, wherever it is. */
  readonly fail: (error: Error) => void;
  /** A client of a namespace of this server. */
  client(namespace: string): Client;
}

/** What a stage is set up with. */
export interface StageOptions {
  readonly namespaces: readonly string[];
  readonly apps: readonly string[];
  readonly endings: Endings;
  readonly say: (line: string) => void;
  readonly fail: (error: Error) => void;
}

/** Builds the apps, starts Postgres and a tuned Temporal on free ports, and brings the database to its schema. */
export async function setStage({ namespaces, apps, endings, say, fail }: StageOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-bench-'));
  endings.add(async () => rmSync(folder, { recursive: true, force: true }));
  await buildApps({ apps: ['gateway', ...apps], onLine: say });
  const [temporalPort, postgresPort] = (await freePorts(2)) as [number, number];
  say('starting Postgres and Temporal');
  const postgres = await endings.started(startPostgres({ stateDir: folder, port: postgresPort, onLine: say }));
  const [namespace = 'default', ...extraNamespaces] = namespaces;
  const temporal = await endings.started(
    startTemporal({
      stateDir: folder,
      port: temporalPort,
      uiPort: undefined,
      namespace,
      extraNamespaces,
      onLine: say,
    }),
  );
  await migrate(postgres.url);
  const connection = await connect(temporal.address, endings);
  return {
    folder,
    address: temporal.address,
    databaseUrl: postgres.url,
    endings,
    say,
    fail,
    client: (name) => new Client({ connection, namespace: name }),
  };
}

/** A connection of the load generator, closed at the end. */
export async function connect(address: string, endings: Endings): Promise<Connection> {
  const connection = await Connection.connect({ address });
  endings.add(() => connection.close());
  return connection;
}

/** By the program that an operator would run. */
function migrate(url: string): Promise<void> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'apps/gateway/dist/migrate.js')], {
      env: { ...process.env, DATABASE_URL: url },
      stdio: ['ignore', 2, 2],
    });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? done() : reject(new Error(`the migration ended with code ${code}`))));
  });
}
