import type { RouterSnapshot, RouterState } from './router-state';
import { BLANK } from './test-circumstances';

/** A state that writes down what it is told. What routers share is the store's, and specified there. */
export interface RecordingState extends RouterState {
  /** Such as `north-small succeeded`, `south failed`. */
  readonly reports: string[];
}

/** A state with this snapshot; nobody else claims a trial or takes a turn. */
export function recordingState(snapshot: RouterSnapshot = BLANK): RecordingState {
  const reports: string[] = [];
  let turn = 0;
  return {
    reports,
    snapshot: () => Promise.resolve(snapshot),
    succeeded: async (_, modelId) => void reports.push(`${modelId} succeeded`),
    failed: async (_, modelId) => void reports.push(`${modelId} failed`),
    disableModel: async (modelId) => void reports.push(`${modelId} disabled`),
    claimTrial: () => Promise.resolve(true),
    nextTurn: () => Promise.resolve(turn++),
  };
}
