/** Schedules as rows that decide, monitors with their runs, and the notices people get. Never edit it: add a migration. */
export const sql = `
-- One row: who this database is. On Temporal it marks what is this fleet's, and no other's of the same namespace.
create table fleet (id text primary key);
create unique index fleet_once on fleet ((true));
insert into fleet values ('flt_' || replace(gen_random_uuid()::text, '-', ''));

-- What Temporal's schedule of that id is to be. Temporal is written from here, whole, by one writer at a time.
create table schedules (
  id text collate "C" primary key,
  owner text not null,
  workflow text not null,
  queue text not null,
  -- JSON as text, here and below: jsonb would change numbers.
  input text not null,
  kind text not null check (kind in ('api', 'code', 'monitor')),
  -- Five fields. Null: only run_at starts it.
  cron text,
  -- The next run, once, in the place of the cron until it has passed.
  run_at timestamptz(3),
  timezone text not null default 'UTC',
  jitter_seconds integer not null default 0 check (jitter_seconds between 0 and 3600),
  catchup_seconds integer not null default 3600 check (catchup_seconds between 600 and 31536000),
  paused boolean not null default false,
  note text,
  -- One more with each change; what Temporal was last written with.
  version integer not null default 1,
  applied_version integer not null default 0,
  -- The run_at that Temporal was last written with: one that passed before it got there is still owed.
  applied_run_at timestamptz(3),
  -- Why it could not be written the last time: a code of the error table and its text.
  failure text,
  -- Not null: Temporal's schedule goes, then this row.
  deleted_at timestamptz(3),
  -- Who writes it to Temporal at this moment. Without a writer, lease_until says when the next try is due.
  writer text,
  lease_until timestamptz,
  -- It is written once more then: what a writer had under way when it died or gave up may reach Temporal after the next one's.
  rewrite_at timestamptz,
  created_at timestamptz(3) not null default clock_timestamp(),
  updated_at timestamptz(3) not null default clock_timestamp()
);
create index schedules_by_age on schedules (created_at desc, id desc);
create index schedules_unapplied on schedules (updated_at) 
  where applied_version <> version or deleted_at is not null or rewrite_at is not null;

create table monitors (
  id text collate "C" primary key,
  owner text not null,
  -- Idempotency-Key of the request that made it, and the digest of its body.
  key text collate "C",
  body_sha256 text,
  name text not null,
  query text not null,
  condition text not null,
  -- Which provider searches and what it is told.
  search text not null,
  compare text not null check (compare in ('exact', 'meaning')),
  notify text not null check (notify in ('once', 'always', 'track_state')),
  email text,
  webhook_url text,
  -- Signs webhooks; shown once, when it is made. Never leaves this table for a log or a payload.
  webhook_secret text,
  -- Null: each result says when the next run is.
  cron text,
  timezone text not null default 'UTC',
  jitter_seconds integer not null default 0,
  catchup_seconds integer not null default 3600,
  state text not null default 'active' check (state in ('active', 'paused', 'completed')),
  -- One more with each change by a person or of the state; runs do not raise it.
  version integer not null default 1,
  -- One more with each change of the query, the condition or the search: what was found for another is not told of this one.
  question integer not null default 1,
  last_state text,
  last_state_hash text,
  last_condition_met boolean,
  -- Failed runs in a row, and of what class the last was.
  failures integer not null default 0,
  failure_class text check (failure_class in ('rate_limit', 'timeout', 'network', 'agent', 'other')),
  created_at timestamptz(3) not null default clock_timestamp(),
  updated_at timestamptz(3) not null default clock_timestamp(),
  check ((webhook_url is null) = (webhook_secret is null))
);
create unique index monitors_by_key on monitors (owner, key);
create index monitors_by_owner on monitors (owner, created_at desc, id desc);

create table monitor_executions (
  id text collate "C" primary key,
  monitor_id text collate "C" not null references monitors (id) on delete cascade,
  -- Of the workflow run that opened it, or of the request: opening again under the same key changes nothing.
  key text collate "C" not null unique,
  trigger text not null check (trigger in ('schedule', 'manual')),
  suppress_notifications boolean not null default false,
  status text not null check (status in ('pending', 'running', 'success', 'failed', 'canceled')),
  workflow_id text collate "C",
  run_id text collate "C",
  -- Which question of the monitor it was searched for.
  question integer,
  -- What the search found. The state is here until the run ends: the monitor keeps the last one.
  state text,
  state_hash text,
  summary text,
  condition_met boolean,
  changed boolean,
  comparison text check (comparison in ('baseline', 'hash', 'meaning')),
  -- True once it is decided that people are told.
  notify boolean,
  -- Why it did or did not tell anybody.
  reason text,
  next_run_at timestamptz(3),
  -- The result said that no run is to follow.
  final boolean not null default false,
  failure_class text,
  -- A code of the error table, and words that are safe to show.
  error_code text,
  error_message text,
  created_at timestamptz(3) not null default clock_timestamp(),
  started_at timestamptz(3),
  closed_at timestamptz(3),
  check ((status in ('pending', 'running')) = (closed_at is null))
);
-- A manual run never runs beside a scheduled one.
create unique index monitor_executions_open on monitor_executions (monitor_id) where status in ('pending', 'running');
create index monitor_executions_by_run on monitor_executions (run_id);
create index monitor_executions_by_age on monitor_executions (monitor_id, created_at desc, id desc);
create index monitor_executions_by_end on monitor_executions (closed_at);
-- Whether people were told is looked at for a day.
create index monitor_executions_told on monitor_executions (closed_at) where notify;
create index monitor_executions_stale on monitor_executions (created_at) where status in ('pending', 'running');

create table notices (
  id text collate "C" primary key,
  -- No foreign keys: what was sent for a monitor that is deleted still counts against the limits.
  execution_id text collate "C" not null,
  monitor_id text collate "C" not null,
  owner text not null,
  channel text not null check (channel in ('email', 'webhook')),
  -- The address of the email, the URL of the webhook.
  address text not null,
  payload text not null,
  status text not null check (status in ('pending', 'delivered', 'failed', 'skipped')),
  attempts integer not null default 0,
  -- Why it was skipped, or what the last attempt failed with.
  reason text,
  created_at timestamptz(3) not null default clock_timestamp(),
  next_attempt_at timestamptz(3),
  closed_at timestamptz(3),
  unique (execution_id, channel),
  check ((status = 'pending') = (closed_at is null))
);
create index notices_by_monitor on notices (monitor_id, created_at desc, id desc);
create index notices_by_age on notices (created_at);
create index notices_pending on notices (created_at) where status = 'pending';
-- For the limits.
create index notices_by_owner on notices (owner, created_at) where status <> 'skipped';
create index notices_by_address on notices (channel, lower(address), created_at) where status <> 'skipped';

-- Opens one notice, or gives the one that is there. Over a limit it is opened as skipped. The counts are exact: whoever
-- opens one for the same owner or address waits here, and each statement of a volatile function sees what was committed
-- before it. The locks are taken in one order for all, and go with the transaction.
create function open_notice(
  notice_id text, notice_execution text, notice_monitor text, notice_owner text, notice_channel text,
  notice_address text, notice_payload text, owner_limit integer, address_limit integer
) returns setof notices language plpgsql volatile as $$
declare
  lock_key bigint;
  why text;
begin
  for lock_key in
    select distinct hashtextextended(locked, 5) from unnest(array[
      'notice owner ' || notice_owner,
      'notice address ' || notice_channel || ' ' || lower(notice_address)]) locked
    order by 1
  loop
    perform pg_advisory_xact_lock(lock_key);
  end loop;
  if not exists (select from notices n where n.execution_id = notice_execution and n.channel = notice_channel) then
    if (select count(*) from notices n where n.owner = notice_owner and n.status <> 'skipped'
        and n.created_at > clock_timestamp() - interval '1 day') >= owner_limit then
      why := 'the limit of ' || owner_limit || ' notices a day for one owner is reached';
    elsif (select count(*) from notices n where n.channel = notice_channel and lower(n.address) = lower(notice_address)
        and n.status <> 'skipped' and n.created_at > clock_timestamp() - interval '1 hour') >= address_limit then
      why := 'the limit of ' || address_limit || ' notices an hour for one address is reached';
    end if;
    insert into notices (id, execution_id, monitor_id, owner, channel, address, payload, status, reason, closed_at)
    values (notice_id, notice_execution, notice_monitor, notice_owner, notice_channel, notice_address, notice_payload,
      case when why is null then 'pending' else 'skipped' end, why, case when why is null then null else clock_timestamp() end)
    -- Opened by a transaction with another owner or address: the monitor was changed meanwhile.
    on conflict (execution_id, channel) do nothing;
  end if;
  return query select * from notices n where n.execution_id = notice_execution and n.channel = notice_channel;
end $$;
`;
