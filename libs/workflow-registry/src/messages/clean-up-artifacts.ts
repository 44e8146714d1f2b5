export interface CleanUpArtifactsInput {
  /** Artefacts created more than this many days ago go. 1 to 3,650. Default 30. */
  readonly olderThanDays?: number | undefined;
  /** Artefacts deleted in one transaction, 1 to 1,000. Default 100. */
  readonly batchSize?: number | undefined;
}

export interface CleanUpArtifactsOutput {
  readonly deleted: number;
  /** Bytes freed. */
  readonly bytes: number;
}
