/** What people are asked to decide, and the audit log of it. Never edit it: add a migration. */
export const sql = `
create table approvals (
  id text collate "C" primary key,
  -- Of the activity that opened it: opening again under the same key changes nothing.
  key text not null,
  -- The workflow that waits for the decision.
  workflow_id text collate "C" not null,
  run_id text collate "C" not null,
  owner text not null,
  type text not null check (type in ('approval', 'feedback', 'input', 'annotation')),
  -- What policies match, such as tool.httpGet.
  action text not null,
  summary text not null,
  -- JSON as text, here and below: jsonb would change numbers.
  payload text,
  confidence double precision check (confidence between 0 and 1),
  risk text check (risk in ('low', 'medium', 'high', 'critical')),
  status text not null default 'pending' check (status in
    ('pending', 'approved', 'rejected', 'modified', 'timed_out', 'canceled')),
  outcome text,
  -- Milliseconds, so that a JavaScript Date holds it exactly and can serve as a page's cursor.
  created_at timestamptz(3) not null default clock_timestamp(),
  expires_at timestamptz(3) not null,
  closed_at timestamptz(3),
  unique (owner, key),
  check ((status = 'pending') = (outcome is null)),
  check ((status = 'pending') = (closed_at is null))
);
create index approvals_by_age on approvals (created_at desc, id desc);
create index approvals_by_status on approvals (status, created_at desc, id desc);
create index approvals_by_workflow on approvals (workflow_id, created_at desc, id desc);

-- The primary key lets each request be made once and settled once, whatever the code does.
create table approval_audit (
  approval_id text collate "C" not null references approvals (id),
  event text not null check (event in ('requested', 'settled')),
  actor text not null,
  status text not null,
  detail text not null,
  at timestamptz(3) not null default clock_timestamp(),
  primary key (approval_id, event)
);
create index approval_audit_by_time on approval_audit (at, approval_id);
`;
