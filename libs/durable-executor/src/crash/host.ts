// A process of the crash tests: resumes what it finds, starts the journeys it is told to, and dies when it is told to.
import { createLocalExecutor } from '../executors/local';
import { openPostgresStore } from '../stores/postgres';
import { doomedStore, type Doom } from './doomed-store';
import { journey, journeyActivities } from './journey';

/** What the process is told. */
export interface HostOrder extends Doom {
  readonly url: string;
  /** Of the journeys it starts. */
  readonly ids: readonly string[];
  readonly pauseMs?: number;
  /** Milliseconds. */
  readonly lease: number;
  /** Ends, without closing anything, as soon as they are started. */
  readonly leave?: boolean;
}

async function main({ url, ids, pauseMs, leave, lease, ...doom }: HostOrder): Promise<void> {
  const executor = createLocalExecutor({
    store: doomedStore(openPostgresStore({ url, maxConnections: 2 }), doom),
    workflows: [journey],
    activities: journeyActivities(url).activities,
    lease,
  });
  await executor.resume();
  const input = { from: 1, ...(pauseMs !== undefined && { pauseMs }) };
  await Promise.all(ids.map((id) => executor.execute(journey, input, { id })));
  process.stdout.write('ready\n');
  if (leave === true) process.exit(0);
  process.stdin.on('end', () => process.exit(0)).resume();
}

void main(JSON.parse(process.argv[2] ?? '{}') as HostOrder);
