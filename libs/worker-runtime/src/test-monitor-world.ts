import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { applySchedule } from '@fleet/activities/schedules';
import { startStandInProvider, type StandInProvider } from '@fleet/stand-in-provider';
import { monitorScheduleId, type MonitorRow, type NewMonitor, type NoticeRow } from '@fleet/store';
import type { TaskQueueName } from '@fleet/task-queues';
import type { JobResult } from '@fleet/temporal-client';
import type { MonitorRunOutput } from '@fleet/workflow-registry/messages';
import { startTestFleet, type TestFleet } from './test-fleet';

/** A page on loopback whose text a spec decides, and a receiver of webhooks beside it. */
export interface TestPage {
  readonly url: string;
  readonly webhookUrl: string;
  /** `host:port`, as the allow-list has it. */
  readonly allow: string;
  /** What the page answers from now on. Default: an HTML page of that text. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** Requests of the page so far. */
  hits: number;
  /** What the receiver was sent. */
  readonly told: string[];
  says(text: string): void;
  close(): Promise<void>;
}

/** Starts the page. */
export async function startTestPage(): Promise<TestPage> {
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        page.told.push(body);
        response.end();
      });
      return;
    }
    page.hits += 1;
    page.answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const allow = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const page: TestPage = {
    url: `http://${allow}/`,
    webhookUrl: `http://${allow}/hook`,
    allow,
    answer: (_, response) => void response.end(),
    hits: 0,
    told: [],
    says(text) {
      const etag = `"${text.length}-${Buffer.from(text).toString('hex').slice(0, 100)}"`;
      page.answer = (request, response) => {
        if (request.headers['if-none-match'] === etag) return response.writeHead(304).end();
        const headers = { 'content-type': 'text/html; charset=utf-8', etag };
        return response.writeHead(200, headers).end(`<html><body><h1>News</h1><p>${text}</p></body></html>`);
      };
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  return page;
}

/** A fleet that runs monitors, with a page and a stand-in for a model. */
export interface MonitorWorld {
  readonly fleet: TestFleet;
  readonly page: TestPage;
  readonly provider: StandInProvider;
  /** Makes a monitor of the page, with its schedule on Temporal. Default: `track_state`, compared exactly, each year. */
  monitor(change?: Partial<NewMonitor>): Promise<MonitorRow>;
  /** Runs it as its schedule does, and waits for the end. */
  run(monitorId: string): Promise<JobResult<MonitorRunOutput>>;
  /** Runs it as its schedule does, to a good end. @throws Error with the outcome when it has another. */
  done(monitorId: string): Promise<MonitorRunOutput>;
  /** Its notices, oldest first. */
  notices(monitorId: string): Promise<readonly NoticeRow[]>;
  stop(): Promise<void>;
}

/** Starts it all. @param more Queues beside those that every run of a monitor needs. */
export async function startMonitorWorld(more: readonly TaskQueueName[] = []): Promise<MonitorWorld> {
  const [page, provider] = await Promise.all([startTestPage(), startStandInProvider()]);
  const env = { FLEET_MONITOR_ALLOW: page.allow, FLEET_STAND_IN_URL: provider.url };
  const fleet = await startTestFleet(['scheduled', 'standard', ...more], undefined, { env });
  const { store, client } = fleet;
  let runs = 0;
  const run: MonitorWorld['run'] = async (monitorId) => {
    const { id } = await client.start('monitor', { monitorId }, { id: `monitor/${monitorId}/${(runs += 1)}` });
    return client.result<'monitor'>(id, { waitMs: 60_000 });
  };
  return {
    fleet,
    page,
    provider,
    async monitor(change = {}) {
      const { monitor } = await store.monitors.create({
        owner: 'ada',
        name: 'Tickets',
        query: 'tickets for the play',
        condition: 'the page says that they are on sale',
        search: { provider: 'http', urls: [page.url], contains: 'on sale' },
        compare: 'exact',
        notify: 'track_state',
        email: null,
        webhookUrl: page.webhookUrl,
        cron: '0 0 1 1 *',
        timezone: 'UTC',
        jitterSeconds: 0,
        catchupSeconds: 3600,
        runImmediately: false,
        ...change,
      });
      await applySchedule({ store, client }, monitorScheduleId(monitor.id));
      return monitor;
    },
    run,
    async done(monitorId) {
      const outcome = await run(monitorId);
      if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome));
      return outcome.result;
    },
    notices: async (monitorId) => (await store.notices.list({ monitorId }, 100)).toReversed(),
    async stop() {
      await fleet.stop();
      await Promise.all([page.close(), provider.close()]);
    },
  };
}
