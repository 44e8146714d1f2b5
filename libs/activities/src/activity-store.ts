import type { Store } from '@fleet/store';

/** What activities need of the store: the artefacts and the image records. */
export type ActivityStore = Pick<Store, 'artifacts' | 'images'>;
