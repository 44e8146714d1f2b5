import { FleetError } from '@fleet/errors';
import { openingProblem } from '@fleet/store';
import { openDatabase, type Database } from '@fleet/store/database';
import { fromJson } from '../context/json';
import type { ListFilter } from '../executor';
import type {
  Append,
  JournalEntry,
  JournalStore,
  Lease,
  NewMessage,
  NewRun,
  StoredMessage,
  UpdateOutcome,
} from '../journal-store';
import type { StatePage, WorkflowState } from '../store';
import { Batcher } from './batcher';
import { cursorAfter, pageRequest } from './page';
import { beat, channelOf, findMessage, sendMessage, waitingMessages } from './postgres-messages';
import { entryOf, runOf, stateOf, type EntryRow, type RunRow } from './postgres-rows';
import { insertRuns, writeAppends } from './postgres-writes';

/** Statements of journals under way at once: while one commits the next is collected. */
const WRITES_AT_ONCE = 2;

/** Options of `openPostgresStore`. */
export interface PostgresStoreOptions {
  /** `postgres://` address of a database that `fleet migrate` has brought to this version. */
  readonly url: string;
  /** Connections held at most, one more to be told of messages. Default 5. */
  readonly maxConnections?: number;
}

/**
 * A store that survives. Connects when first used; while Postgres is away, runs wait. Every write is one statement, so that
 * it is whole or not there.
 */
export function openPostgresStore({ url, maxConnections = 5 }: PostgresStoreOptions): JournalStore {
  return new PostgresStore(openDatabase({ url, maxConnections }));
}

class PostgresStore implements JournalStore {
  private readonly creates = new Map<string, Batcher<NewRun, boolean>>();
  private readonly appends = new Map<string, Batcher<Append, boolean>>();

  constructor(private readonly database: Database) {}

  async save(state: WorkflowState): Promise<WorkflowState> {
    const { id, runId, workflow, status, owner, continuedAs = null, createdAt, closedAt = null, version } = state;
    const [row] = await this.database.run(
      (sql) => sql<RunRow[]>`
        insert into durable_runs (run_id, workflow_id, ordinal, workflow, owner, status, input, output, failure, continued_as,
          timeout_at, created_at, closed_at)
        select ${runId}, ${id}, coalesce((select max(ordinal) from durable_runs where workflow_id = ${id}), 0) + 1, ${workflow},
          ${owner}, ${status}, ${orNull(state.input)}, ${orNull(state.output)}, ${orNull(state.failure)}, ${continuedAs},
          'infinity'::double precision, ${createdAt}, ${closedAt}
        where ${version} = 0
          or exists (select from durable_runs where run_id = ${runId} and version = ${version})
        on conflict (run_id) do update set status = excluded.status, output = excluded.output, failure = excluded.failure,
          continued_as = excluded.continued_as, closed_at = excluded.closed_at, version = durable_runs.version + 1
        where durable_runs.version = ${version}
        returning ${columns(sql)}`,
    );
    if (!row) throw new FleetError('state_conflict', { id: runId, version });
    return stateOf(row);
  }

  async load(id: string, runId?: string): Promise<WorkflowState> {
    return (await this.find(id, runId)).state;
  }

  async find(id: string, runId: string | null = null) {
    const [row] = await this.database.run(
      (sql) => sql<RunRow[]>`
        select ${columns(sql)} from durable_runs
        where workflow_id = ${id} and (${runId}::text is null or run_id = ${runId})
        order by ordinal desc limit 1`,
    );
    if (!row) throw new FleetError('job_not_found', { id });
    return { run: runOf(row), state: stateOf(row) };
  }

  async list(filter?: ListFilter): Promise<StatePage> {
    const { status = null, limit, after } = pageRequest(filter);
    const rows = await this.database.run(
      (sql) => sql<RunRow[]>`
        select ${columns(sql)} from durable_runs
        where ${status === null ? sql`true` : sql`status = ${status}`}
          and ${after === undefined ? sql`true` : sql`(created_at, run_id) < (to_timestamp(0) + ${String(after.createdAt)}::text::bigint * interval '1 microsecond', ${after.runId})`}
        order by created_at desc, run_id desc limit ${limit + 1}`,
    );
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const more = rows.length > limit && last !== undefined;
    return {
      items: items.map(stateOf),
      ...(more && { nextCursor: cursorAfter({ createdAt: Number(last.created_us), runId: last.run_id }) }),
    };
  }

  async delete(id: string): Promise<void> {
    const [row] = await this.database.run(
      (sql) => sql<[{ runs: number; running: number }]>`
        with runs as materialized (
          select run_id, status from durable_runs where workflow_id = ${id} for update
        ), allowed as (
          select run_id from runs where not exists (select from runs where status = 'running')
        ), entries as (
          delete from durable_entries where run_id in (select run_id from allowed)
        ), messages as (
          delete from durable_messages where workflow_id = ${id} and exists (select from allowed)
        ), gone as (
          delete from durable_runs where run_id in (select run_id from allowed)
        )
        select count(*)::integer as runs, count(*) filter (where status = 'running')::integer as running from runs`,
    );
    if (row.runs === 0) throw new FleetError('job_not_found', { id });
    if (row.running > 0) throw new FleetError('job_not_closed', { id });
  }

  create(run: NewRun, host: string): Promise<boolean> {
    return batcherOf(this.creates, host, (runs) => insertRuns(this.database, host, runs)).add(run);
  }

  append(append: Append, host: string): Promise<boolean> {
    return batcherOf(this.appends, host, (appends) => writeAppends(this.database, host, appends)).add(append);
  }

  async entries(runId: string): Promise<readonly JournalEntry[]> {
    const rows = await this.database.run(
      (sql) => sql<EntryRow[]>`
        select number, type, operation, name, at, value, detail from durable_entries where run_id = ${runId} order by number`,
    );
    return rows.map(entryOf);
  }

  /** The first call of every executor. @throws FleetError `schema_outdated`, `database_refused` */
  async beat({ host, leaseMs }: Lease): Promise<readonly StoredMessage[]> {
    try {
      return await beat(this.database, host, leaseMs);
    } catch (error) {
      throw openingProblem(error);
    }
  }

  async fences(host: string): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.run(
      (sql) => sql<{ run_id: string; fence: number }[]>`
        select run_id, fence from durable_runs where host = ${host} and status = 'running'`,
    );
    return new Map(rows.map(({ run_id: runId, fence }) => [runId, fence]));
  }

  async claim(host: string, workflows: readonly string[], limit: number, lost: readonly string[] = []) {
    const rows = await this.database.run(
      (sql) => sql<RunRow[]>`
        update durable_runs set host = ${host}, fence = fence + 1
        where run_id in (
          select r.run_id from durable_runs r left join durable_hosts h on h.host = r.host
          where r.status = 'running' and (h.host is null or h.lease_until < now()
              or (r.host = ${host} and r.run_id in (select json_array_elements_text(${JSON.stringify(lost)}::text::json))))
            and r.workflow in (select json_array_elements_text(${JSON.stringify(workflows)}::text::json))
          order by r.created_at limit ${limit}
          for update of r skip locked)
        returning ${columns(sql)}`,
    );
    return Promise.all(
      rows.map(async (row) => ({
        ...runOf(row),
        fence: row.fence,
        createdAt: row.created_at.getTime(),
        entries: await this.entries(row.run_id),
      })),
    );
  }

  async release(host: string): Promise<void> {
    await this.database.run(
      (sql) => sql`
        with gone as (delete from durable_hosts where host = ${host})
        update durable_runs set host = null where host = ${host} and status = 'running'`,
    );
  }

  messages(workflowId: string, runId: string): Promise<readonly StoredMessage[]> {
    return waitingMessages(this.database, workflowId, runId);
  }

  send(target: { readonly id: string; readonly runId?: string }, message: NewMessage, host: string) {
    return sendMessage(this.database, target, message, host);
  }

  async outcome(messageId: string): Promise<UpdateOutcome | undefined> {
    const [row] = await this.database.run(
      (sql) => sql<{ outcome: string | null }[]>`select outcome from durable_messages where message_id = ${messageId}`,
    );
    return fromJson(row?.outcome ?? undefined) as UpdateOutcome | undefined;
  }

  async watch(host: string, onMessage: (message: StoredMessage) => void): Promise<() => Promise<void>> {
    const tell = async (messageId: string): Promise<void> => {
      const message = await findMessage(this.database, messageId);
      if (message) onMessage(message);
    };
    // What is missed here, as while the connection is down, comes with the next sign of life.
    const listening = await this.database.run((sql) =>
      sql.listen(channelOf(host), (messageId) => void tell(messageId).catch(() => undefined)),
    );
    return () => listening.unlisten().catch(() => undefined);
  }

  close(): Promise<void> {
    return this.database.close();
  }
}

function orNull(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** The batcher of a host: a process has one, a test may have several. */
function batcherOf<Item>(
  batchers: Map<string, Batcher<Item, boolean>>,
  host: string,
  run: (items: readonly Item[]) => Promise<boolean[]>,
): Batcher<Item, boolean> {
  const found = batchers.get(host) ?? new Batcher(run, WRITES_AT_ONCE);
  batchers.set(host, found);
  return found;
}

function columns(sql: Parameters<Parameters<Database['run']>[0]>[0]) {
  return sql`run_id, workflow_id, ordinal, workflow, owner, status, input, output, failure, carried, continued_as,
    parent_run_id, timeout_at, fence, version, created_at, closed_at,
    (extract(epoch from created_at) * 1000000)::bigint::text as created_us`;
}
