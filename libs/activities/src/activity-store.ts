import type { Store } from '@fleet/store';

/** What activities need of the store: the artefacts, the image records and the requests for approval. */
export type ActivityStore = Pick<Store, 'approvals' | 'artifacts' | 'images'>;
