export type * from './admin/fleet-admin';
export type * from './fleet-client';
export { connectionConfigFrom, type ConnectionConfig, type TemporalConnectionOptions } from './connection-config';
export { WORKER_DEAD_AFTER_MS, WORKER_HEARTBEAT_MS } from './liveness';
export { openFleetClient, type OpenOptions } from './open';
export { DEFAULT_OWNER, OWNER_HEADER } from './owner-header';
export { reconcileRate, type RateConnection } from './rate';
export { refusalOf } from './refusal';
export { uiLinksFrom, type UiLinks } from './ui-links';
