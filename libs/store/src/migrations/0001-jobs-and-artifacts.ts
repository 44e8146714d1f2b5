/** The register of jobs, the artefacts with their bytes, and the images made of them. Never edit it: add a migration. */
export const sql = `
-- What was submitted, by whom. Temporal is the authority on a job's state; this is who owns it and which request made it.
create table jobs (
  id text collate "C" primary key,
  -- Null until the start on Temporal was confirmed.
  run_id text,
  workflow text not null,
  kind text not null,
  queue text not null,
  owner text not null,
  idempotency_key text,
  -- SHA-256 of the request body in hex: tells a retry from a key reused for something else.
  body_sha256 text not null,
  created_at timestamptz(3) not null default now(),
  unique (owner, idempotency_key)
);
create index jobs_by_owner on jobs (owner, created_at, id);

create table artifacts (
  id text collate "C" primary key,
  owner text not null,
  name text,
  type text not null,
  size integer not null default 0,
  sha256 text,
  state text not null check (state in ('uploading', 'staged', 'saved')),
  -- Set with the last byte, so that an upload that never ended blocks no retry.
  key text,
  -- Milliseconds, so that a JavaScript Date holds it exactly and can serve as a page's cursor.
  created_at timestamptz(3) not null default now(),
  check (state = 'uploading' or (sha256 is not null and size > 0))
);
create unique index artifacts_by_key on artifacts (owner, key) where key is not null;
create index artifacts_by_age on artifacts (created_at, id);
create index artifacts_by_owner on artifacts (owner, created_at, id);

create table artifact_chunks (
  artifact_id text collate "C" not null references artifacts (id) on delete cascade,
  seq integer not null,
  data bytea not null,
  primary key (artifact_id, seq)
);
-- Images and archives are compressed already: trying again costs a core and gains nothing.
alter table artifact_chunks alter column data set storage external;

create table images (
  id text collate "C" primary key,
  key text not null,
  artifact_id text collate "C" not null references artifacts (id) on delete cascade,
  job_id text collate "C" not null,
  owner text not null,
  prompt text not null,
  renderer text not null,
  width integer not null,
  height integer not null,
  created_at timestamptz(3) not null default now(),
  unique (owner, key)
);
create index images_by_job on images (job_id, created_at, id);
create index images_by_artifact on images (artifact_id);
`;
