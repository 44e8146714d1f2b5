import { migrate } from '@fleet/store';
import { requireOwnEnvironment } from '@fleet/telemetry/environment';
import { loadEnvironment, stateDirFrom } from '../environment';
import { note, print } from '../output/print';
import { takeLock, runningFleet } from '../supervisor/lock';
import { startPostgres } from '../services/postgres';
import { planServices } from '../supervisor/plan';
import { openStateFolder } from '../supervisor/state-folder';

/** `fleet migrate`: on DATABASE_URL, else on the database of the fleet that runs, else on the embedded one at rest. */
export async function migrateCommand(): Promise<void> {
  const env = loadEnvironment();
  const url = env['DATABASE_URL'] || runningFleet(stateDirFrom(env))?.databaseUrl;
  if (url) requireOwnEnvironment(env, { databaseUrl: url });
  const { before, after } = url ? await migrate(url, note) : await migrateAtRest();
  print(before === after ? `schema is at version ${after} already` : `schema went from version ${before} to ${after}`);
}

async function migrateAtRest(): Promise<{ readonly before: number; readonly after: number }> {
  const { stateDir, postgres } = planServices({ ...loadEnvironment(), DATABASE_URL: undefined });
  openStateFolder(stateDir);
  const lock = takeLock(stateDir);
  try {
    const server = await startPostgres({ stateDir, port: postgres?.port ?? 5433, onLine: note });
    try {
      return await migrate(server.url, note);
    } finally {
      await server.stop();
    }
  } finally {
    lock.release();
  }
}
