import type { Store } from '@fleet/store';

/** What activities need of the store: the repositories that they read and write. */
export type ActivityStore = Pick<
  Store,
  | 'approvals'
  | 'artifacts'
  | 'chatLog'
  | 'events'
  | 'idempotency'
  | 'images'
  | 'journals'
  | 'monitorExecutions'
  | 'monitors'
  | 'notices'
  | 'providerCalls'
  | 'reconciliation'
  | 'routing'
  | 'schedules'
>;
