import type { FleetClient, ScheduleDescription } from '@fleet/temporal-client';
import type { TestGateway } from './gateway';
import { until } from './until';

/** Waits until the server works on schedules: on a busy machine it comes to those of a new namespace after seconds. */
export async function schedulesWork({ client, store }: TestGateway): Promise<void> {
  const spec = { workflow: 'probeSteps', input: {}, queue: 'standard', cron: '0 0 1 1 *', paused: true };
  const row = await store.schedules.create({ id: 'warm', owner: 'local', kind: 'api', ...spec });
  await until(() =>
    client.putSchedule(row).then(
      () => true,
      () => false,
    ),
  );
  await seen(client, 'warm');
  await client.removeSchedule('warm');
  await store.schedules.markDeleted('warm');
  const writer = { id: 'warm', writer: 'warm' };
  await store.schedules.lease(writer, 0);
  await store.schedules.removed(writer);
}

/** What Temporal says of a schedule, however long a busy machine takes to say it: 20 s at most. */
export async function seen(client: FleetClient, id: string): Promise<ScheduleDescription> {
  let description: ScheduleDescription | undefined;
  await until(async () => {
    description = await client.describeSchedule(id).catch((error: { code?: string }) => {
      if (error.code === 'temporal_unavailable') return undefined;
      throw error;
    });
    return description !== undefined;
  });
  return description as unknown as ScheduleDescription;
}
