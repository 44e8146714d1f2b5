/** Runs of durable workflows, their journals, and what is sent to them. Never edit it: add a migration. */
export const sql = `
-- Processes that run workflows. Runs of one whose lease is over may be taken by another.
create table durable_hosts (
  host text collate "C" primary key,
  lease_until timestamptz not null
);

create table durable_runs (
  run_id text collate "C" primary key,
  workflow_id text collate "C" not null,
  -- 1 for the first run of an id; each run that continues it has the next.
  ordinal integer not null,
  workflow text not null,
  owner text not null,
  status text not null check (status in
    ('running', 'completed', 'failed', 'canceled', 'terminated', 'timed_out', 'continued_as_new')),
  -- JSON as text, here and below: jsonb would change numbers and refuse the NUL character.
  input text,
  output text,
  failure text,
  carried text,
  continued_as text,
  parent_run_id text,
  -- Epoch milliseconds by the executor's clock.
  timeout_at double precision not null,
  host text collate "C",
  -- Raised with every change of host: a write under an older one is refused.
  fence integer not null default 1,
  version integer not null default 1,
  created_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz,
  unique (workflow_id, ordinal)
);
create index durable_runs_by_status on durable_runs (status, created_at desc, run_id desc);
create index durable_runs_by_age on durable_runs (created_at desc, run_id desc);
create index durable_runs_running on durable_runs (host) where status = 'running';

-- No foreign key: it would lock the run once for every entry of a step. They are deleted together.
create table durable_entries (
  run_id text collate "C" not null,
  number integer not null,
  type text not null,
  operation integer not null,
  name text not null,
  at double precision not null,
  value text,
  detail text,
  primary key (run_id, number)
);

create table durable_messages (
  message_id bigint generated always as identity primary key,
  workflow_id text collate "C" not null,
  -- Null: for whatever run of the workflow is the latest.
  run_id text collate "C",
  kind text not null check (kind in ('signal', 'update', 'cancel', 'terminate')),
  name text not null,
  value text,
  sender_id text not null,
  sent_at double precision not null,
  update_id text collate "C",
  outcome text,
  consumed boolean not null default false,
  created_at timestamptz not null default now(),
  unique (workflow_id, update_id)
);
create index durable_messages_waiting on durable_messages (workflow_id, message_id) where not consumed;
`;
