import { FleetError } from '@fleet/errors';
import type postgres from 'postgres';
import type { Database } from './database';

/** What is to be claimed before a job is started. */
export interface JobClaim {
  /** The workflow id (or activity id) on Temporal. */
  readonly id: string;
  /** Name in the workflow registry. */
  readonly workflow: string;
  /** What the registry entry is, such as `workflow` or `activity`. */
  readonly kind: string;
  readonly queue: string;
  readonly owner: string;
  /** The request's Idempotency-Key, at most some 500 characters; unique for each owner. */
  readonly idempotencyKey?: string;
  /** SHA-256 of the request body, in hex. */
  readonly bodySha256: string;
}

/** One job of the register. Its state is Temporal's to say. */
export interface JobRow {
  readonly id: string;
  /** Null until the start was confirmed: a claim found like this may be started again with its id. */
  readonly runId: string | null;
  readonly workflow: string;
  readonly kind: string;
  readonly queue: string;
  readonly owner: string;
  readonly idempotencyKey: string | null;
  readonly bodySha256: string;
  readonly createdAt: Date;
}

/** Who submitted what: the register that makes a submission happen once. */
export interface Jobs {
  /**
   * Registers a job before its start. Of any number at once with the same id or key exactly one has `created: true`. A
   * known key with the same body gives the row made first, whatever its id; else a known id gives the row of that id,
   * **which can be another owner's or another body's**: compare before answering with it.
   * @throws FleetError `idempotency_key_reused`, `store_unavailable`
   */
  claim(claim: JobClaim): Promise<{ row: JobRow; created: boolean }>;
  /** Records the run of a started job; a later run replaces it. @throws FleetError `job_not_found`, `store_unavailable` */
  started(id: string, runId: string): Promise<void>;
  /** The job, or undefined when it was not submitted through the register. @throws FleetError `store_unavailable` */
  find(id: string): Promise<JobRow | undefined>;
  /** Owner by id; ids that are not registered are left out. @throws FleetError `store_unavailable` */
  owners(ids: readonly string[]): Promise<Map<string, string>>;
}

/** The register in a database. */
export function jobsIn(database: Database): Jobs {
  return {
    claim: (claim) => claimJob(database, claim),
    async started(id, runId) {
      const result = await database.run((sql) => sql`update jobs set run_id = ${runId} where id = ${id}`);
      if (result.count === 0) throw new FleetError('job_not_found', { id });
    },
    async find(id) {
      const [row] = await database.run((sql) => sql<JobRow[]>`select ${columns(sql)} from jobs where id = ${id}`);
      return row;
    },
    async owners(ids) {
      if (ids.length === 0) return new Map();
      // One JSON parameter instead of one for each id: the statement is the same, and prepared, for any number.
      const rows = await database.run(
        (sql) => sql<{ id: string; owner: string }[]>`
          select id, owner from jobs
          where id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb))`,
      );
      return new Map(rows.map(({ id, owner }) => [id, owner]));
    },
  };
}

async function claimJob(database: Database, claim: JobClaim): Promise<{ row: JobRow; created: boolean }> {
  const key = claim.idempotencyKey ?? null;
  const [created] = await database.run(
    // Waits for another claim of the same id or key that is not committed yet, so the row is readable afterwards.
    (sql) => sql<JobRow[]>`
      insert into jobs (id, workflow, kind, queue, owner, idempotency_key, body_sha256)
      values (${claim.id}, ${claim.workflow}, ${claim.kind}, ${claim.queue}, ${claim.owner}, ${key}, ${claim.bodySha256})
      on conflict do nothing
      returning ${columns(sql)}`,
  );
  if (created !== undefined) return { row: created, created: true };
  const [row] = await database.run(
    (sql) => sql<JobRow[]>`
      select ${columns(sql)} from jobs
      where (owner = ${claim.owner} and idempotency_key = ${key}) or id = ${claim.id}
      order by (owner = ${claim.owner} and idempotency_key = ${key}) is true desc
      limit 1`,
  );
  // Rows of the register are not deleted; should an operator do so just now, the claim is simply made again.
  if (row === undefined) return claimJob(database, claim);
  const sameKey = key !== null && row.owner === claim.owner && row.idempotencyKey === key;
  if (sameKey && row.bodySha256 !== claim.bodySha256) throw new FleetError('idempotency_key_reused', { key });
  return { row, created: false };
}

function columns(sql: postgres.Sql) {
  return sql`id, run_id as "runId", workflow, kind, queue, owner, idempotency_key as "idempotencyKey",
    body_sha256 as "bodySha256", created_at as "createdAt"`;
}
