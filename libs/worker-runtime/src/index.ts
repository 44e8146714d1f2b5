export { runWorker, type RunWorkerOptions } from './run-worker';
export { SCHEDULES } from './schedules';
