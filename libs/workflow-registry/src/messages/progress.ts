import { defineQuery } from '@temporalio/workflow';

/** How far a workflow is: the answer of its `progress` query. */
export interface Progress {
  /** Name of the step that runs now, or `done`. */
  readonly step: string;
  /** Steps that have ended. */
  readonly completed: number;
  /** Steps in all. */
  readonly total: number;
}

/** Every multi-step workflow answers it. */
export const progressQuery = defineQuery<Progress>('progress');
