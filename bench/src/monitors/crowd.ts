import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { applySchedule } from '@fleet/activities/schedules';
import { openStore, type MonitorExecutionRow, type Store } from '@fleet/store';
import { openFleetClient, type FleetClient } from '@fleet/temporal-client';
import type { Client } from '@temporalio/client';
import type { Stage } from '../stage';

/** Many monitors of one fleet, all due at the same minute. */
export interface Crowd {
  /** When they are due, epoch milliseconds. */
  readonly dueAt: number;
  /** What has run so far. @param client Of the namespace. */
  runs(client: Client): Promise<Runs>;
  /** Deletes them, with their schedules. */
  end(): Promise<void>;
}

/** What a crowd has done. */
export interface Runs {
  /** Of each run, seconds from the due time until Temporal started it. */
  readonly delays: readonly number[];
  /** Of each run, seconds from the due time until a worker had opened it. */
  readonly opened: readonly number[];
  /** Monitors that have run more than once. */
  readonly twice: number;
}

/** What a crowd is made with. */
export interface CrowdOptions {
  readonly address: string;
  readonly namespace: string;
  readonly page: string;
  readonly count: number;
  readonly jitterSeconds: number;
}

/** Applied at once: enough to keep the server busy, and not so many that it becomes slow. */
const PARALLEL = 8;
/** Runs of one monitor that are looked at. */
const LOOKED_AT = 5;
/** Milliseconds that making one monitor and its schedule takes at most. */
const EACH_MS = 40;

/** Creates the monitors, and has their schedules on Temporal before they are due. */
export async function gather(stage: Stage, options: CrowdOptions): Promise<Crowd> {
  const { address, namespace, count } = options;
  const store = openStore({ url: stage.databaseUrl });
  const client = openFleetClient({ env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } });
  const end = stage.endings.add(async () => void (await Promise.all([client.close(), store.close()])));
  const dueAt = Math.ceil((Date.now() + 10_000 + count * EACH_MS) / 60_000) * 60_000;
  const ids: string[] = [];
  await each(count, async () => {
    const { monitor } = await store.monitors.create(monitorAt(new Date(dueAt), options));
    ids.push(monitor.id);
    await settled(store, client, monitor.id);
  });
  if (Date.now() > dueAt) throw new Error('the monitors were due before all of them were there');
  return {
    dueAt,
    runs: async (raw) => ({ ...(await startsOf(raw, ids, dueAt)), opened: await opensOf(store, ids, dueAt) }),
    async end() {
      await each(count, async (index) => {
        const id = ids[index] as string;
        await store.monitors.delete(id);
        await settled(store, client, id);
      });
      await end();
    },
  };
}

async function settled(store: Store, client: FleetClient, id: string): Promise<void> {
  const outcome = await applySchedule({ store, client }, `monitor/${id}`, { waitMs: 30_000 });
  if (!outcome.applied) throw outcome.reason ?? new Error(`the schedule of ${id} was not written`);
}

async function startsOf(client: Client, ids: readonly string[], dueAt: number): Promise<Omit<Runs, 'opened'>> {
  const runs = new Map(ids.map((id) => [id, [] as number[]]));
  const since = new Date(dueAt - 60_000).toISOString();
  for await (const { workflowId, startTime } of client.workflow.list({
    query: `WorkflowType = 'monitor' AND StartTime > '${since}'`,
  })) {
    // monitor/<id>-<time>
    const [, id = ''] = /^monitor\/([^-]+)/.exec(workflowId) ?? [];
    runs.get(id)?.push((startTime.getTime() - dueAt) / 1000);
  }
  const starts = [...runs.values()];
  return { delays: starts.flat(), twice: starts.filter(({ length }) => length > 1).length };
}

async function opensOf(store: Store, ids: readonly string[], dueAt: number): Promise<readonly number[]> {
  const opened: (readonly MonitorExecutionRow[])[] = [];
  await each(ids.length, async (index) => {
    opened.push(await store.monitorExecutions.list({ monitorId: ids[index] }, LOOKED_AT));
  });
  const at = opened.flatMap((rows) => rows.map(({ startedAt, createdAt }) => (startedAt ?? createdAt).getTime()));
  return at.map((time) => (time - dueAt) / 1000);
}

function monitorAt(due: Date, { page, jitterSeconds }: CrowdOptions): Parameters<Store['monitors']['create']>[0] {
  return {
    owner: 'local',
    name: 'One of many',
    query: 'what the page says',
    condition: 'the page says something else',
    search: { provider: 'http', urls: [page] },
    compare: 'exact',
    notify: 'track_state',
    email: null,
    webhookUrl: null,
    // A time of that day, not each hour: it runs once while it is looked at.
    cron: `${due.getUTCMinutes()} ${due.getUTCHours()} * * *`,
    timezone: 'UTC',
    jitterSeconds,
    catchupSeconds: 600,
    runImmediately: false,
  };
}

async function each(count: number, one: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, count) }, lane));
}

/** A page on loopback for the monitors to read. @returns its origin; it ends with the bench. */
export async function servePage(stage: Stage): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html', connection: 'close' });
    response.end('<html><title>Prices</title><body><p>The price is 12.</p></body></html>');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  stage.endings.add(() => new Promise((done) => server.close(() => done())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
