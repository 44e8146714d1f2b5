import { ERRORS, type ErrorCode } from '@fleet/errors';
import type { ExecutionFailure, MonitorFailureClass } from '@fleet/store';

const CLASS_OF: Partial<Record<ErrorCode, MonitorFailureClass>> = {
  page_busy: 'rate_limit',
  provider_rate_limited: 'rate_limit',
  fetch_timed_out: 'timeout',
  provider_timeout: 'timeout',
  activity_timed_out: 'timeout',
  fetch_failed: 'network',
  page_failed: 'network',
  store_unavailable: 'network',
  temporal_unavailable: 'network',
  provider_failed: 'agent',
  provider_rejected: 'agent',
  provider_budget_exceeded: 'agent',
  no_eligible_model: 'agent',
  unknown_model: 'agent',
  context_overflow: 'agent',
  output_schema_mismatch: 'agent',
};

/**
 * What a run is shown to have failed with. Messages of the error table are safe to show; of anything else nothing is said.
 *
 * @param type A code of the table, or what else was thrown.
 */
export function failureOf(type: string, message: string): ExecutionFailure {
  if (!isErrorCode(type)) {
    return { failureClass: 'other', code: 'internal_error', message: ERRORS.internal_error.message };
  }
  return { failureClass: CLASS_OF[type] ?? 'other', code: type, message };
}

function isErrorCode(type: string): type is ErrorCode {
  return Object.hasOwn(ERRORS, type);
}
