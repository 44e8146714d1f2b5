import type { Store } from '@fleet/store';

/** What activities need of the store. */
export type ActivityStore = Pick<Store, 'approvals' | 'artifacts' | 'chatLog' | 'images' | 'providerCalls' | 'routing'>;
