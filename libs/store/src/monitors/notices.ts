import { FleetError } from '@fleet/errors';
import type { Database } from '../database';
import { newId } from '../ids';
import {
  listNotices,
  noticeColumns,
  toNotice,
  type NoticeCursor,
  type NoticeFilter,
  type RawNotice,
} from './notice-rows';
import type { MonitorSearch, NoticeChannel, NoticeRow } from './row';

/** Notices that one owner may cause in any 24 hours. */
export const NOTICES_A_DAY = 100;
/** Notices that one address may get in any hour, whoever causes them. */
export const NOTICES_AN_HOUR = 10;
/** Days for which the notices of a deleted monitor are kept: as long as they can count against a limit, and a little more. */
const ORPHAN_DAYS = 2;

/** What a notice tells, and whom. */
export interface NoticeSubject {
  readonly owner: string;
  readonly monitor: {
    readonly id: string;
    readonly name: string;
    readonly condition: string;
    /** The pages it reads; none of a monitor that only asks a model. */
    readonly urls: readonly string[];
  };
  readonly execution: {
    readonly id: string;
    readonly summary: string | null;
    readonly changed: boolean | null;
    readonly conditionMet: boolean | null;
    readonly closedAt: Date | null;
  };
  /** Where its monitor sends notices to now. */
  readonly addresses: readonly { readonly channel: NoticeChannel; readonly address: string }[];
}

/** A notice as it is opened. */
export interface NewNotice {
  readonly executionId: string;
  readonly monitorId: string;
  readonly owner: string;
  readonly channel: NoticeChannel;
  readonly address: string;
  /** Makes the payload, a JSON value, for the id that the notice is to have. */
  readonly payload: (id: string) => unknown;
}

/** A notice about to be sent. */
export interface StartedNotice extends NoticeRow {
  /** Signs webhooks; null for email. For the activity that sends, and for nobody else. */
  readonly secret: string | null;
}

/** How a try ended. A failed one is tried again when it says when. */
export type NoticeResult =
  | { readonly status: 'delivered' }
  | { readonly status: 'failed'; readonly reason: string; readonly nextTryMs?: number | undefined };

/** The notices that runs of monitors cause: at most one for an execution and channel. */
export interface Notices {
  /** What there is to tell of an execution. @throws FleetError `execution_not_found`, `store_unavailable` */
  subject(executionId: string): Promise<NoticeSubject>;
  /**
   * Opens a notice, or gives the one that is there. Over a limit it is opened as `skipped`, with the reason: exactly
   * {@link NOTICES_A_DAY} for an owner and {@link NOTICES_AN_HOUR} for an address get through, however many are opened at
   * once.
   *
   * @throws FleetError `store_unavailable`
   */
  open(notice: NewNotice): Promise<NoticeRow>;
  /**
   * Notes that a pending notice is about to be sent. One that is settled comes back as it is; one for a webhook that its
   * monitor no longer has fails. Undefined: its monitor was deleted, with which it fails, or there is no such notice any more.
   *
   * @throws FleetError `store_unavailable`
   */
  begin(id: string): Promise<StartedNotice | undefined>;
  /** Notes how a try ended. A settled notice stays as it is. @throws FleetError `store_unavailable` */
  finish(id: string, result: NoticeResult): Promise<void>;
  /** Newest first. @param limit 1 to 201. @throws FleetError `store_unavailable` */
  list(filter: NoticeFilter, limit: number): Promise<readonly NoticeRow[]>;
  /**
   * Deletes notices from before that, and those of deleted monitors after two days.
   *
   * @returns how many, `limit` at most. @throws FleetError `store_unavailable`
   */
  prune(olderThan: Date, limit: number): Promise<number>;
}

export type { NoticeCursor, NoticeFilter };

/** The notices in a database. */
export function noticesIn(database: Database): Notices {
  return {
    subject: (executionId) => readSubject(database, executionId),
    open: (notice) => openNotice(database, notice),
    begin: (id) => beginNotice(database, id),
    finish: (id, result) => finishNotice(database, id, result),
    list: (filter, limit) => listNotices(database, filter, limit),
    async prune(olderThan, limit) {
      const result = await database.run(
        (sql) => sql`
          delete from notices where id in (
            select id from notices n
            where created_at < ${olderThan} or (created_at < clock_timestamp() - ${ORPHAN_DAYS} * interval '1 day'
              and not exists (select from monitors m where m.id = n.monitor_id))
            order by created_at limit ${limit} for update skip locked)`,
      );
      return result.count;
    },
  };
}

type RawSubject = Omit<NoticeSubject['execution'], 'id'> &
  Record<'owner' | 'monitorId' | 'name' | 'condition' | 'search', string> &
  Record<'email' | 'webhookUrl', string | null>;

async function readSubject(database: Database, executionId: string): Promise<NoticeSubject> {
  const [row] = await database.run(
    (sql) => sql<RawSubject[]>`
      select m.owner, m.id as "monitorId", m.name, m.condition, m.search, m.email, m.webhook_url as "webhookUrl", e.summary,
        e.changed, e.condition_met as "conditionMet", e.closed_at as "closedAt"
      from monitor_executions e join monitors m on m.id = e.monitor_id
      where e.id = ${executionId}`,
  );
  if (row === undefined) throw new FleetError('execution_not_found', { id: executionId });
  const { owner, monitorId, name, condition, search, email, webhookUrl, ...execution } = row;
  const { urls = [] } = JSON.parse(search) as MonitorSearch;
  const channels = [
    { channel: 'email', address: email },
    { channel: 'webhook', address: webhookUrl },
  ] as const;
  return {
    owner,
    monitor: { id: monitorId, name, condition, urls },
    execution: { id: executionId, ...execution },
    addresses: channels.flatMap(({ channel, address }) => (address === null ? [] : [{ channel, address }])),
  };
}

async function openNotice(database: Database, notice: NewNotice): Promise<NoticeRow> {
  const { executionId, monitorId, owner, channel, address, payload } = notice;
  const id = newId('ntc');
  const json = JSON.stringify(payload(id));
  const [row] = await database.run(
    (sql) => sql<[RawNotice]>`
      select ${noticeColumns(sql)} from open_notice(${id}, ${executionId}, ${monitorId}, ${owner}, ${channel}, ${address},
        ${json}, ${NOTICES_A_DAY}, ${NOTICES_AN_HOUR})`,
  );
  return toNotice(row);
}

type RawStarted = RawNotice & { readonly secret: string | null };

async function beginNotice(database: Database, id: string): Promise<StartedNotice | undefined> {
  const [row] = await database.run(
    (sql) => sql<RawStarted[]>`
      with found as (
        -- A secret signs for the URL that it was made for, and for no other.
        select n.id as found_id, m.id is null as deleted, n.channel = 'webhook' and m.webhook_url is distinct from n.address as moved
        from notices n left join monitors m on m.id = n.monitor_id where n.id = ${id}
      ), begun as (
        update notices set attempts = attempts + 1, next_attempt_at = null
        from found where id = found_id and status = 'pending' and not deleted and not moved
        returning notices.*
      ), orphaned as (
        update notices set status = 'failed', next_attempt_at = null, closed_at = clock_timestamp(),
          reason = case when deleted then 'the monitor was deleted' else 'the monitor has another webhook by now, or none' end
        from found where id = found_id and status = 'pending' and (deleted or moved)
      )
      select ${noticeColumns(sql)}, (
        select m.webhook_secret from monitors m where m.id = begun.monitor_id and begun.channel = 'webhook') as secret
      from begun`,
  );
  if (row) return { ...toNotice(row), secret: row.secret };
  const [settled] = await database.run(
    (sql) => sql<RawNotice[]>`
      select ${noticeColumns(sql)} from notices
      where id = ${id} and exists (select from monitors m where m.id = notices.monitor_id)`,
  );
  return settled && { ...toNotice(settled), secret: null };
}

async function finishNotice(database: Database, id: string, result: NoticeResult): Promise<void> {
  const { reason = null, nextTryMs } = result.status === 'failed' ? result : {};
  await database.run((sql) =>
    nextTryMs === undefined
      ? sql`
        update notices set status = ${result.status}, reason = ${reason}, next_attempt_at = null,
          closed_at = clock_timestamp()
        where id = ${id} and status = 'pending'`
      : sql`
        update notices set reason = ${reason},
          next_attempt_at = clock_timestamp() + ${nextTryMs}::double precision * interval '1 millisecond'
        where id = ${id} and status = 'pending'`,
  );
}
