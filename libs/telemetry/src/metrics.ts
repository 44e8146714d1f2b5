import { collectDefaultMetrics, Registry } from 'prom-client';

export { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/**
 * A metrics registry of its own for one app, with Node's process metrics.
 *
 * @param labels On every series, for instance `{queue: 'high'}`.
 */
export function createMetrics(labels: Readonly<Record<string, string>>): Registry {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  collectDefaultMetrics({ register: registry });
  return registry;
}
