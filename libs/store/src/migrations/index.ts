import { createHash } from 'node:crypto';
import { sql as jobsAndArtifacts } from './0001-jobs-and-artifacts';
import { sql as durableWorkflows } from './0002-durable-workflows';
import { sql as approvals } from './0003-approvals';
import { sql as chat } from './0004-chat';
import { sql as monitors } from './0005-monitors';

/** One step of the schema. Once released it is never edited; what comes later is a new one at the end of the list. */
export interface Migration {
  readonly version: number;
  /** Lower-case letters, digits and hyphens. */
  readonly name: string;
  readonly sql: string;
}

/** Every migration in the order of its version, from 1 without a gap. */
export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: 'jobs-and-artifacts', sql: jobsAndArtifacts },
  { version: 2, name: 'durable-workflows', sql: durableWorkflows },
  { version: 3, name: 'approvals', sql: approvals },
  { version: 4, name: 'chat', sql: chat },
  { version: 5, name: 'monitors', sql: monitors },
];

/** The schema version this code needs: that of the last migration. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** SHA-256 of a migration's text in hex, recorded when it is applied so that a later edit is noticed. */
export function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}
