import { FleetError } from '@fleet/errors';
import type postgres from 'postgres';
import type { Database } from '../database';
import { newId } from '../ids';
import { monitorColumns, toMonitor, type RawMonitor } from './monitor-rows';
import type { MonitorWithSchedule, NewMonitor, WrittenMonitor } from './monitors';
import type { MonitorRow, MonitorSpec, MonitorState } from './row';
import { monitorScheduleId, scheduleOfChanged } from './schedule-of';
import { newWebhookSecret } from './webhook-secret';

/** Seconds until a monitor without a cron runs when nobody named its next run. */
const A_DAY = 86_400;

/** Makes a monitor and its schedule. */
export async function createMonitor(database: Database, monitor: NewMonitor): Promise<WrittenMonitor> {
  for (;;) {
    const written = (await insertMonitor(database, monitor)) ?? (await madeBefore(database, monitor));
    // Deleted between the two: then it is made now.
    if (written !== undefined) return written;
  }
}

/** Undefined: there is one of that key. */
async function insertMonitor(database: Database, monitor: NewMonitor): Promise<WrittenMonitor | undefined> {
  const { key = null, bodySha256 = null } = monitor.request ?? {};
  const { owner, name, query, condition, compare, notify, email, webhookUrl, cron, timezone, runImmediately } = monitor;
  const webhookSecret = webhookUrl === null ? null : newWebhookSecret();
  const firstRunSeconds = runImmediately ? 0 : cron === null ? A_DAY : null;
  const [row] = await database.run(
    (sql) => sql<RawMonitor[]>`
      with changed as (
        insert into monitors (id, owner, key, body_sha256, name, query, condition, search, compare, notify, email,
          webhook_url, webhook_secret, cron, timezone, jitter_seconds, catchup_seconds)
        values (${newId('mon')}, ${owner}, ${key}, ${bodySha256}, ${name}, ${query}, ${condition},
          ${JSON.stringify(monitor.search)}, ${compare}, ${notify}, ${email}, ${webhookUrl}, ${webhookSecret}, ${cron},
          ${timezone}, ${monitor.jitterSeconds}, ${monitor.catchupSeconds})
        on conflict (owner, key) do nothing
        returning *
      ), scheduled as (${scheduleOfChanged(sql, firstRunSeconds)})
      select ${monitorColumns(sql)} from changed`,
  );
  return row && { monitor: toMonitor(row), ...(webhookSecret !== null && { webhookSecret }) };
}

async function madeBefore(database: Database, { owner, request }: NewMonitor): Promise<WrittenMonitor | undefined> {
  const key = request?.key ?? null;
  const [row] = await database.run(
    (sql) => sql<(RawMonitor & { sha256: string })[]>`
      select ${monitorColumns(sql)}, body_sha256 as "sha256" from monitors where owner = ${owner} and key = ${key}`,
  );
  if (row === undefined) return undefined;
  const { sha256, ...raw } = row;
  if (sha256 !== request?.bodySha256) throw new FleetError('idempotency_key_reused', { key: key ?? '' });
  return { monitor: toMonitor(raw), replayed: true };
}

/** One monitor. */
export async function getMonitor(database: Database, id: string): Promise<MonitorWithSchedule> {
  const [row] = await database.run(
    (sql) => sql<(RawMonitor & { applied: boolean })[]>`
      select ${monitorColumns(sql)},
        not exists (
          select from schedules s where s.id = ${monitorScheduleId(id)}
          and (s.applied_version <> s.version or s.deleted_at is not null)
        ) as applied
      from monitors where id = ${id}`,
  );
  if (row === undefined) throw new FleetError('monitor_not_found', { id });
  const { applied, ...raw } = row;
  return { ...toMonitor(raw), applied };
}

/** Changes some of what people say of a monitor, and its schedule with it. */
export async function updateMonitor(
  database: Database,
  id: string,
  change: Partial<MonitorSpec>,
  expected: number | undefined,
): Promise<WrittenMonitor> {
  const secret = newWebhookSecret();
  const [row] = await database.run(
    (sql) => sql<(RawMonitor & { isNewSecret: boolean })[]>`
      with changed as (
        update monitors m set ${assignments(sql, change, secret)}, version = version + 1, updated_at = clock_timestamp()
        where id = ${id} and (${expected ?? null}::integer is null or version = ${expected ?? null}::integer)
        returning *
      ), scheduled as (${scheduleOfChanged(sql, null)})
      select ${monitorColumns(sql)}, coalesce(webhook_secret = ${secret}, false) as "isNewSecret" from changed`,
  );
  if (row === undefined) {
    const { version } = await getMonitor(database, id);
    throw new FleetError('monitor_changed', { id, version });
  }
  const { isNewSecret, ...raw } = row;
  return { monitor: toMonitor(raw), ...(isNewSecret && { webhookSecret: secret }) };
}

/** What the row is to have. On the right side of each a column is what it was before. */
function assignments(sql: postgres.Sql, change: Partial<MonitorSpec>, secret: string) {
  const set = <Key extends keyof MonitorSpec>(key: Key, column: string) => {
    const value = change[key] as string | number | null | undefined;
    return value === undefined ? sql`${sql(column)} = m.${sql(column)}` : sql`${sql(column)} = ${value}`;
  };
  const search = change.search === undefined ? sql`m.search` : sql`${JSON.stringify(change.search)}`;
  const url = change.webhookUrl === undefined ? sql`m.webhook_url` : sql`${change.webhookUrl}::text`;
  const query = change.query ?? sql`m.query`;
  const condition = change.condition ?? sql`m.condition`;
  // What was found for another question is nothing to compare with.
  const isSame = sql`(m.query, m.condition, m.search) = (${query}, ${condition}, ${search})`;
  return sql`
    ${set('name', 'name')}, ${set('query', 'query')}, ${set('condition', 'condition')}, search = ${search},
    ${set('compare', 'compare')}, ${set('notify', 'notify')}, ${set('email', 'email')}, ${set('cron', 'cron')},
    ${set('timezone', 'timezone')}, ${set('jitterSeconds', 'jitter_seconds')},
    ${set('catchupSeconds', 'catchup_seconds')}, webhook_url = ${url},
    webhook_secret = case when ${url} is null then null when ${url} = m.webhook_url then m.webhook_secret
      else ${secret} end,
    question = m.question + (not ${isSame})::integer,
    last_state = case when ${isSame} then m.last_state end,
    last_state_hash = case when ${isSame} then m.last_state_hash end,
    last_condition_met = case when ${isSame} then m.last_condition_met end,
    failures = case when ${isSame} then m.failures else 0 end,
    failure_class = case when ${isSame} then m.failure_class end`;
}

/** From one state to another, and the schedule with it. */
export async function setState(
  database: Database,
  id: string,
  from: MonitorState,
  to: MonitorState,
): Promise<MonitorRow> {
  const [row] = await database.run(
    (sql) => sql<RawMonitor[]>`
      with changed as (
        update monitors set state = ${to}, version = version + 1, updated_at = clock_timestamp()
        where id = ${id} and state = ${from}
        returning *
      ), scheduled as (${scheduleOfChanged(sql, null)})
      select ${monitorColumns(sql)} from changed`,
  );
  if (row !== undefined) return toMonitor(row);
  const { state } = await getMonitor(database, id);
  throw new FleetError('monitor_state_conflict', { id, state, wanted: to });
}

/** Another secret for the webhooks of a monitor. */
export async function rotateSecret(database: Database, id: string): Promise<WrittenMonitor> {
  const webhookSecret = newWebhookSecret();
  const [row] = await database.run(
    (sql) => sql<RawMonitor[]>`
      update monitors set webhook_secret = ${webhookSecret}, version = version + 1, updated_at = clock_timestamp()
      where id = ${id} and webhook_url is not null
      returning ${monitorColumns(sql)}`,
  );
  if (row !== undefined) return { monitor: toMonitor(row), webhookSecret };
  await getMonitor(database, id);
  const reason = 'it has no webhook';
  throw new FleetError('not_supported', { operation: 'A new secret', subject: `the monitor ${id}`, reason });
}

/** Deletes a monitor and marks its schedule. */
export async function deleteMonitor(database: Database, id: string): Promise<boolean> {
  const [row] = await database.run(
    (sql) => sql<[{ deleted: boolean }]>`
      with deleted as (delete from monitors where id = ${id} returning id),
      marked as (
        update schedules set deleted_at = clock_timestamp(), version = version + 1, updated_at = clock_timestamp()
        where id = ${monitorScheduleId(id)} and deleted_at is null
      )
      select exists (select from deleted) as deleted`,
  );
  return row.deleted;
}
