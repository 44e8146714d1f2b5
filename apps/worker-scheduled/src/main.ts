import { runWorker, SCHEDULES } from '@fleet/worker-runtime';

void runWorker('scheduled', { schedules: SCHEDULES });
