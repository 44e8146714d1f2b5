import { runWorker } from '@fleet/worker-runtime';

void runWorker('scheduled');
