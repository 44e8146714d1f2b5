import { migrate } from '@fleet/store';
import { databaseUrlFrom } from './config';
import { exitWith } from './exit';

/** Brings the database to the version this build needs, then ends: the entry point of the migration container. */
async function runMigration(): Promise<void> {
  await migrate(databaseUrlFrom(process.env));
}

runMigration().catch(exitWith);
