/** Calls of model providers, the log of chats, events, idempotency keys, what routers know together. Never edit it: add a migration. */
export const sql = `
-- One call of a provider: claimed before it is made, so that two processes with one request make one call.
create table provider_calls (
  request_id text collate "C" not null,
  step integer not null,
  holder text not null,
  lease_until timestamptz not null,
  -- JSON as text; null until the call is done.
  outcome text,
  created_at timestamptz(3) not null default clock_timestamp(),
  primary key (request_id, step)
-- Room beside each row, so that renewing a lease stays on its page and touches no index.
) with (fillfactor = 80);
create index provider_calls_by_age on provider_calls (created_at);

create table chat_log (
  request_id text collate "C" primary key,
  parent_request_id text collate "C",
  kind text not null check (kind in ('chat', 'orchestrate', 'stream')),
  owner text not null,
  api_key_id text,
  mode text not null,
  model_id text,
  provider_id text,
  alias_from text,
  success boolean not null,
  error_class text,
  attempts integer not null,
  latency_ms double precision not null,
  latency_budget_ms double precision not null,
  -- US dollars. An orchestration's is the sum of its chats, which have rows of their own: sums leave it out.
  cost_usd double precision not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  bytes_streamed bigint,
  aborted boolean not null default false,
  -- Milliseconds, so that a JavaScript Date holds it exactly and can serve as a page's cursor.
  created_at timestamptz(3) not null default clock_timestamp()
);
create index chat_log_by_age on chat_log (created_at desc, request_id desc);
create index chat_log_by_owner on chat_log (owner, created_at desc, request_id desc);
create index chat_log_by_model on chat_log (model_id, created_at desc, request_id desc);
create index chat_log_by_parent on chat_log (parent_request_id, created_at desc, request_id desc)
  where parent_request_id is not null;
create index chat_log_failed on chat_log (created_at desc, request_id desc) where not success;
-- What a key has spent is read from the index alone.
create index chat_log_by_key on chat_log (api_key_id, created_at desc, request_id desc) include (kind, cost_usd)
  where api_key_id is not null;

-- Samples for choosing models by their success.
create table chat_rewards (
  request_id text collate "C" primary key,
  model_id text not null,
  bucket text not null check (bucket in ('small', 'medium', 'large')),
  reward double precision not null check (reward between 0 and 1),
  at timestamptz(3) not null
);
create index chat_rewards_by_age on chat_rewards (at) include (model_id, bucket, reward);

-- Time series: one row for each request, one column for each metric. Kept for another time than the log.
create table chat_points (
  at timestamptz(3) not null,
  model_id text,
  provider_id text,
  latency_ms double precision not null,
  cost_usd double precision not null,
  tokens double precision not null,
  -- 0 or 1: the average is the ratio of failures, the sum their number.
  errors double precision not null,
  -- Null for what was not a stream.
  stream_bytes double precision
);
create index chat_points_by_age on chat_points (at);

-- The outbox of events. Numbers are given before the commit, so they may become visible out of order: readers go by the
-- transaction first, and only as far as no older one is still under way.
create table events (
  seq bigint generated always as identity primary key,
  tx xid8 not null default pg_current_xact_id(),
  type text not null,
  at timestamptz(3) not null default clock_timestamp(),
  -- JSON as text.
  data text not null
);
create index events_in_order on events (tx, seq);
create index events_by_age on events (at);

create table idempotency_keys (
  owner text not null,
  path text not null,
  key text not null,
  body_sha256 text not null,
  request_id text collate "C" not null,
  -- Null while the request is under way.
  status integer,
  body text,
  expires_at timestamptz not null,
  primary key (owner, path, key),
  check ((status is null) = (body is null))
);
create index idempotency_keys_by_expiry on idempotency_keys (expires_at);

-- One row for each provider, written with each call.
create table provider_health (
  provider_id text primary key,
  -- In a row: 2 degrade it, 5 take it down.
  errors integer not null,
  -- Of the write before, to tell when the state changed.
  errors_before integer not null default 0,
  -- Of a provider that is down: until then it is left alone.
  cooldown_until timestamptz,
  latency_ms double precision,
  failure_ratio double precision not null
) with (fillfactor = 50);

create table disabled_models (
  model_id text primary key,
  reason text not null,
  at timestamptz(3) not null default clock_timestamp()
);

create table turns (
  name text primary key,
  turn bigint not null
) with (fillfactor = 50);
`;
