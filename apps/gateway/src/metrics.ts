import type { TaskQueueName } from '@fleet/task-queues';
import type { FleetClient } from '@fleet/temporal-client';
import { Counter, Gauge, Histogram, type Registry } from '@fleet/telemetry';
import { cached, within } from './cached';
import type { Probes } from './probes';

/** What the gateway counts beside Node's own process metrics. */
export interface GatewayMetrics {
  /** The text of GET /metrics, Prometheus format. */
  text(): Promise<string>;
  observeRequest(labels: RequestLabels, seconds: number): void;
  /** A job was put on a queue that nobody polls. */
  countNoPoller(queue: TaskQueueName): void;
}

/** `route` is the template, not the path, so that ids do not make a series each. */
export interface RequestLabels {
  readonly method: string;
  readonly route: string;
  readonly status: number;
}

const QUEUES_TTL_MS = 5000;
const SCRAPE_DEADLINE_MS = 2000;
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Registers the gateway's metrics. Gauges ask when they are scraped, and are left out when there is no answer in time. */
export function createGatewayMetrics(registry: Registry, client: FleetClient, probes: Probes): GatewayMetrics {
  const registers = [registry];
  const requests = new Histogram({
    name: 'fleet_http_request_duration_seconds',
    help: 'Duration of HTTP requests by route template.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers,
  });
  const noPoller = new Counter({
    name: 'fleet_no_poller_total',
    help: 'Jobs submitted to a queue that no worker polled.',
    labelNames: ['queue'],
    registers,
  });
  registerTemporalUp(registers, probes);
  registerQueueDepth(registers, client);
  return {
    text: () => registry.metrics(),
    observeRequest: (labels, seconds) => requests.observe({ ...labels }, seconds),
    countNoPoller: (queue) => noPoller.inc({ queue }),
  };
}

function registerTemporalUp(registers: Registry[], probes: Probes): void {
  // oxlint-disable-next-line no-new
  new Gauge({
    name: 'temporal_up',
    help: '1 while the Temporal namespace answers.',
    registers,
    async collect() {
      this.set((await probes.temporal()).ok ? 1 : 0);
    },
  });
}

function registerQueueDepth(registers: Registry[], client: FleetClient): void {
  const queues = cached(QUEUES_TTL_MS, () => client.queues());
  // oxlint-disable-next-line no-new
  new Gauge({
    name: 'temporal_task_queue_depth',
    help: 'Tasks waiting in the queue, workflow tasks and activities.',
    labelNames: ['queue_name'],
    registers,
    async collect() {
      this.reset();
      const known = await within(SCRAPE_DEADLINE_MS, queues()).catch(() => []);
      for (const { name, workflows, activities } of known) {
        this.set({ queue_name: name }, workflows.backlog + activities.backlog);
      }
    },
  });
}
