import type postgres from 'postgres';

/** What becomes of an artefact: `staged` waits to be confirmed by `markSaved`, `saved` is. Both can be read. */
export type ArtifactState = 'staged' | 'saved';

/** An artefact without its bytes. */
export interface ArtifactRow {
  /** `art_` and 20 characters. */
  readonly id: string;
  readonly owner: string;
  readonly name: string | null;
  /** Media type, such as `text/csv`. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the bytes, in hex. */
  readonly sha256: string;
  readonly state: ArtifactState;
  readonly createdAt: Date;
}

/** The columns of an ArtifactRow. */
export function artifactColumns(sql: postgres.Sql) {
  return sql`id, owner, name, type, size, sha256, state, created_at as "createdAt"`;
}
