export { startHealthServer, type HealthServer, type HealthServerOptions, type Readiness } from './health-server';
export { createLogger, type Logger } from './logger';
export { Counter, createMetrics, Gauge, Histogram, type Registry } from './metrics';
export { onStopRequest } from './stop-request';
