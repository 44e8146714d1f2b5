import { FleetError } from '@fleet/errors';
import type { Failure } from './context';

/** What `update()` throws when the workflow refused the update (`update_rejected`) or failed at it (`update_failed`). */
export class UpdateError extends FleetError {
  constructor(
    code: 'update_rejected' | 'update_failed',
    readonly update: string,
    readonly failure: Failure,
  ) {
    super(code, { name: update, type: failure.type, reason: failure.message });
  }
}
