import { runWorker } from '@fleet/worker-runtime';

void runWorker('background');
