import type postgres from 'postgres';

/** Whose schedule it is: made over the API, stated by code, or of a monitor. */
export type ScheduleKind = 'api' | 'code' | 'monitor';

/** What a schedule starts, and when. */
interface Definition {
  /** A workflow of the registry. */
  readonly workflow: string;
  /** JSON value. */
  readonly input: unknown;
  readonly queue: string;
  /** Five fields. Null: only `runAt` starts it. */
  readonly cron: string | null;
  /** The next run, once, in the place of the cron until it has passed. */
  readonly runAt: Date | null;
  /** Of the cron; a name of IANA's database. */
  readonly timezone: string;
  /** Seconds that a run is put off by at most, 0 to 3,600. */
  readonly jitterSeconds: number;
  /** Seconds within which a run that was missed is made up for, 600 to 31,536,000. */
  readonly catchupSeconds: number;
}

type Stated = 'workflow' | 'input' | 'queue';

/** A schedule as it is made. */
export interface NewSchedule extends Pick<Definition, Stated>, Partial<Omit<Definition, Stated>> {
  /** Also the id on Temporal; its runs are named after it. */
  readonly id: string;
  readonly owner: string;
  readonly kind: ScheduleKind;
  /** Default false. */
  readonly paused?: boolean;
  readonly note?: string | null;
}

/** What a change may change. Paused and its note are not part of it: no change of the spec clears a pause. */
export type ScheduleChange = Partial<Definition>;

/** One schedule. */
export interface ScheduleRow extends Definition {
  readonly id: string;
  readonly owner: string;
  readonly kind: ScheduleKind;
  readonly paused: boolean;
  /** Why it was paused or resumed. */
  readonly note: string | null;
  /** From 1, one more with each change. */
  readonly version: number;
  /** The version that Temporal was last written with; 0 = none. */
  readonly appliedVersion: number;
  readonly appliedRunAt: Date | null;
  /** Why Temporal could not be written the last time. Null once it was. */
  readonly failure: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Not null: it is to go from Temporal, and then from here. */
  readonly deletedAt: Date | null;
  /** Id of the fleet, which is that of this database: the mark of its schedules on Temporal. */
  readonly fleet: string;
}

/** A row as the columns have it: JSON is text. */
export type RawSchedule = Omit<ScheduleRow, 'input'> & { readonly input: string };

const NAMES: Readonly<Record<keyof Definition, string>> = {
  workflow: 'workflow',
  input: 'input',
  queue: 'queue',
  cron: 'cron',
  runAt: 'run_at',
  timezone: 'timezone',
  jitterSeconds: 'jitter_seconds',
  catchupSeconds: 'catchup_seconds',
};

/** The columns of a RawSchedule. */
export function scheduleColumns(sql: postgres.Sql) {
  return sql`id, owner, workflow, queue, input, kind, cron, run_at as "runAt", timezone, jitter_seconds as "jitterSeconds",
    catchup_seconds as "catchupSeconds", paused, note, version, applied_version as "appliedVersion",
    applied_run_at as "appliedRunAt", failure, created_at as "createdAt", updated_at as "updatedAt",
    deleted_at as "deletedAt", (select fleet.id from fleet) as fleet`;
}

/**
 * The insert of a schedule without its end, for a statement that also writes what the schedule is of. An id that was
 * deleted and is still on Temporal is taken over, with the next version; an id in use inserts no row.
 */
export function scheduleInsert(sql: postgres.Sql, schedule: NewSchedule) {
  const { id, owner, kind, workflow, queue, cron = null, runAt = null, timezone = 'UTC' } = schedule;
  const { jitterSeconds = 0, catchupSeconds = 3600, paused = false, note = null } = schedule;
  const input = JSON.stringify(schedule.input);
  return sql`
    insert into schedules as known (id, owner, kind, workflow, queue, input, cron, run_at, timezone, jitter_seconds,
      catchup_seconds, paused, note)
    values (${id}, ${owner}, ${kind}, ${workflow}, ${queue}, ${input}, ${cron}, ${runAt}, ${timezone}, ${jitterSeconds},
      ${catchupSeconds}, ${paused}, ${note})
    on conflict (id) do update set owner = excluded.owner, workflow = excluded.workflow, queue = excluded.queue,
      input = excluded.input, kind = excluded.kind, cron = excluded.cron, run_at = excluded.run_at,
      timezone = excluded.timezone, jitter_seconds = excluded.jitter_seconds,
      catchup_seconds = excluded.catchup_seconds, paused = excluded.paused, note = excluded.note,
      version = known.version + 1, failure = null, applied_run_at = null, deleted_at = null,
      created_at = excluded.created_at, updated_at = excluded.updated_at
    where known.deleted_at is not null`;
}

/** The columns that a change sets. */
export function columnsOf(change: ScheduleChange): Record<string, string | number | Date | null> {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([key, value]) => [NAMES[key as keyof Definition], key === 'input' ? JSON.stringify(value) : value]),
  ) as Record<string, string | number | Date | null>;
}

/** The row with its JSON read. */
export function toSchedule({ input, ...row }: RawSchedule): ScheduleRow {
  return { ...row, input: JSON.parse(input) as unknown };
}
