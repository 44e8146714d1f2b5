import { z } from 'zod';
import type { App, Services } from '../services';

const tags = ['health'];
const probeSchema = z.object({
  ok: z.boolean(),
  reason: z.string().optional(),
  disabled: z.literal(true).optional().describe('Switched off by configuration: the gateway is ready without it.'),
});
const readySchema = z.object({
  status: z.enum(['ready', 'not ready', 'draining']),
  environment: z.string().describe('FLEET_ENVIRONMENT: which of several fleets it is of.'),
  temporal: probeSchema,
  store: probeSchema,
});

/** GET /healthz, /readyz, /metrics and /openapi.json. */
export function registerHealthRoutes(app: App, { probes, lifecycle, metrics, environment }: Services): void {
  const alive = {
    operationId: 'isAlive',
    summary: 'Always 200 while the process lives.',
    tags,
    response: { 200: z.object({ status: z.literal('ok') }) },
  };
  app.get('/healthz', { schema: alive }, () => ({ status: 'ok' as const }));

  const ready = {
    operationId: 'isReady',
    summary: 'Whether Temporal and Postgres answer; 503 also while draining.',
    tags,
    response: { 200: readySchema, 503: readySchema },
  };
  app.get('/readyz', { schema: ready }, async (_request, reply) => {
    const [temporal, store] = await Promise.all([probes.temporal(), probes.store()]);
    const isReady = (temporal.ok || temporal.disabled === true) && store.ok && !lifecycle.draining;
    const status = lifecycle.draining ? 'draining' : isReady ? 'ready' : 'not ready';
    return reply
      .code(isReady ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status, environment, temporal, store });
  });

  const text = {
    operationId: 'getMetrics',
    summary: 'Metrics in the Prometheus format.',
    tags,
    produces: ['text/plain'],
  };
  app.get('/metrics', { schema: text }, async (_request, reply) => {
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics.text());
  });

  const document = { operationId: 'getOpenApi', summary: 'This document.', tags };
  app.get('/openapi.json', { schema: document }, () => app.swagger());
}
