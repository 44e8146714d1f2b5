import type { MonitorState } from '@fleet/store';
import { FleetError } from '@fleet/errors';
import { monitorDetailsSchema } from '../schemas/monitor';
import type { App, Services } from '../services';
import { answer, monitorParams, monitorTags } from './monitors';

/** POST /v1/monitors/{id}/pause, /resume and /rotate-webhook-secret. */
export function registerMonitorStateRoutes(app: App, services: Services): void {
  const schema = { tags: monitorTags, params: monitorParams, response: { 200: monitorDetailsSchema } };
  const { monitors } = services.store;

  const pause = { ...schema, operationId: 'pauseMonitor', summary: 'No scheduled runs until it is resumed.' };
  app.post('/v1/monitors/:id/pause', { schema: pause }, async ({ params: { id } }, reply) =>
    answer(services, reply, { monitor: await become(services, id, 'paused') }),
  );

  const resume = {
    ...schema,
    operationId: 'resumeMonitor',
    summary: 'Run again by its schedule, also after it was completed.',
  };
  app.post('/v1/monitors/:id/resume', { schema: resume }, async ({ params: { id } }, reply) =>
    answer(services, reply, { monitor: await become(services, id, 'active') }),
  );

  const rotate = {
    ...schema,
    operationId: 'rotateMonitorWebhookSecret',
    summary: 'A new secret for its webhooks; the old one signs nothing any more.',
  };
  app.post('/v1/monitors/:id/rotate-webhook-secret', { schema: rotate }, async ({ params: { id } }, reply) =>
    answer(services, reply, await monitors.rotateSecret(id)),
  );
}

/** What is so already stays as it is. A completed monitor is not paused: it has nothing to pause. */
async function become({ store }: Services, id: string, to: Exclude<MonitorState, 'completed'>) {
  const monitor = await store.monitors.get(id);
  if (monitor.state === to) return monitor;
  if (monitor.state === 'completed' && to === 'paused')
    throw new FleetError('monitor_state_conflict', { id, state: monitor.state, wanted: to });
  return store.monitors.setState(id, monitor.state, to);
}
