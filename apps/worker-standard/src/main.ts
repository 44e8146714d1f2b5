import { runWorker } from '@fleet/worker-runtime';

void runWorker('standard');
