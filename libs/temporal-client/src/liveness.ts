/** Every worker of the fleet reports to the server this often, milliseconds. */
export const WORKER_HEARTBEAT_MS = 2000;

/** Silence after which a worker counts as dead, milliseconds: the server itself keeps listing one for five minutes. */
export const WORKER_DEAD_AFTER_MS = 3 * WORKER_HEARTBEAT_MS;
