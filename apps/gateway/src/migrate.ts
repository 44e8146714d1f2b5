import { migrate } from '@fleet/store';
import { requireOwnEnvironment } from '@fleet/telemetry/environment';
import { databaseUrlFrom } from './config';
import { exitWith } from './exit';

/** Brings the database to the version this build needs, then ends: the entry point of the migration container. */
async function runMigration(): Promise<void> {
  const databaseUrl = databaseUrlFrom(process.env);
  requireOwnEnvironment(process.env, { databaseUrl });
  await migrate(databaseUrl);
}

runMigration().catch(exitWith);
