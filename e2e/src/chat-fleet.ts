import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApps } from '@fleet/fleet-cli/build';
import { startPostgres } from '@fleet/fleet-cli/services/postgres';
import { startTemporal } from '@fleet/fleet-cli/services/temporal';
import { freePort } from '@fleet/fleet-cli/services/testing';
import { startStandInProvider, type StandInProvider } from '@fleet/stand-in-provider';
import { migrate } from '@fleet/store';
import { openServer } from '@fleet/temporal-client/server';
import postgres from 'postgres';
import { AppProcess } from './app-process';
import { pause } from './fleet';
import { SECRETS } from './secrets';

/** How long a stopped thing has to come back, or work to end, milliseconds. */
const LONG_MS = 90_000;
const onLine = (): void => undefined;

/** What was kept of the chats: all four are written together, and only the first is unique by itself. */
export interface Kept {
  readonly requestIds: readonly string[];
  readonly rows: number;
  readonly rewards: number;
  readonly points: number;
  readonly events: number;
}

/** Real processes that chats pass through: Postgres, Temporal, a provider, gateways and workers of the queue high. */
export class ChatFleet {
  private readonly said: string[] = [];
  private readonly apps: AppProcess[] = [];
  private temporal: Awaited<ReturnType<typeof startTemporal>> | undefined;

  private constructor(
    private readonly stateDir: string,
    private readonly database: Awaited<ReturnType<typeof startPostgres>>,
    readonly provider: StandInProvider,
    private readonly temporalPort: number,
  ) {}

  /** Starts Postgres and the provider. */
  static async start(): Promise<ChatFleet> {
    await buildApps();
    const stateDir = mkdtempSync(join(tmpdir(), 'fleet-e2e-chat-'));
    const [port, temporalPort] = [await freePort(), await freePort()];
    const [database, provider] = await Promise.all([startPostgres({ stateDir, port, onLine }), startStandInProvider()]);
    await migrate(database.url);
    const models = ['one', 'other'].map((id) => ({
      id,
      provider_id: 'stand-in',
      weight: 5,
      context_tokens: 128_000,
      input_per_1k: 0.001,
      output_per_1k: 0.002,
    }));
    const providers = [{ id: 'stand-in', kind: 'openai', base_url: provider.url, api_key_env: 'CANARY_KEY' }];
    writeFileSync(join(stateDir, 'models.json'), JSON.stringify({ providers, models }));
    return new ChatFleet(stateDir, database, provider, temporalPort);
  }

  /** Starts Temporal, again on the same file. */
  async startTemporal(): Promise<void> {
    const { stateDir, temporalPort: port } = this;
    this.temporal = await startTemporal({ stateDir, port, uiPort: undefined, namespace: 'default', onLine });
  }

  async killTemporal(): Promise<void> {
    if (!this.temporal) throw new Error('Temporal does not run');
    process.kill(this.temporal.pid, 'SIGKILL');
    await this.temporal.exited;
  }

  startGateway({
    port,
    env = {},
  }: { port?: number; env?: Readonly<Record<string, string>> } = {}): Promise<AppProcess> {
    return this.startApp('gateway', 'FLEET_GATEWAY_PORT', env, port);
  }

  /** A worker of the queue high. */
  startWorker(env: Readonly<Record<string, string>> = {}): Promise<AppProcess> {
    return this.startApp('worker-high', 'FLEET_HIGH_HEALTH_PORT', env);
  }

  /** How many calls the provider got, and how many are under way. */
  async calls(): Promise<{ readonly total: number; readonly open: number; readonly aborted: number }> {
    // Their list is long, and looked at many times: that of no model is empty.
    const { total, open, aborted } = await this.provider.calls('none');
    return { total, open, aborted };
  }

  /** Waits until the provider has got that many calls. */
  asked(count: number): Promise<void> {
    return this.until(`${count} calls`, async () => (await this.calls()).total >= count);
  }

  /** Waits until Temporal has no open workflow. @returns how many it has of each status. */
  async workflowsEnded(): Promise<Readonly<Record<string, number>>> {
    const server = openServer({ env: this.temporalVariables() });
    const count = (status: string) => server.client.workflow.count(`ExecutionStatus='${status}'`);
    try {
      await this.until('workflows ended', async () => (await count('Running')).count === 0);
      const counts: Record<string, number> = {};
      for (const status of ['Completed', 'Failed', 'TimedOut', 'Terminated', 'Canceled']) {
        const { count: found } = await count(status);
        if (found > 0) counts[status] = found;
      }
      return counts;
    } finally {
      await server.close();
    }
  }

  /** What the database has of chats. */
  async kept(): Promise<Kept> {
    const sql = postgres(this.database.url, { max: 1 });
    try {
      const logged = await sql<
        { request_id: string }[]
      >`select request_id from chat_log where success and attempts = 1`;
      const [counts] = await sql<[Omit<Kept, 'requestIds'>]>`
        select (select count(*)::integer from chat_log) as rows, (select count(*)::integer from chat_rewards) as rewards,
          (select count(*)::integer from chat_points) as points,
          (select count(*)::integer from events where type = 'route_success') as events`;
      return { requestIds: logged.map((row) => row.request_id), ...counts };
    } finally {
      await sql.end();
    }
  }

  /** Forgets all chats, so that the next test counts from zero. */
  async forget(): Promise<void> {
    await Promise.all([this.provider.heal(), this.provider.forgetCalls()]);
    const sql = postgres(this.database.url, { max: 1, onnotice: onLine });
    await sql`truncate chat_log, chat_rewards, chat_points, events`;
    await sql.end();
  }

  /** Waits until `condition` holds; an error means that it does not yet. */
  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + LONG_MS;
    while (!(await condition().catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`not within ${LONG_MS} ms: ${what}\n${this.log().slice(-4_000)}`);
      await pause(50);
    }
  }

  /** What all processes of the fleet have said so far, the servers' log files included. */
  log(): string {
    const folder = join(this.stateDir, 'logs');
    return [...this.said, ...readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))].join('');
  }

  async close(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.kill()));
    await Promise.all([this.temporal?.stop(), this.provider.close()]);
    await this.database.stop();
    rmSync(this.stateDir, { recursive: true, force: true });
  }

  private async startApp(
    app: string,
    portVariable: string,
    env: Readonly<Record<string, string>>,
    port?: number,
  ): Promise<AppProcess> {
    const variables = {
      ...this.temporalVariables(),
      DATABASE_URL: this.database.url,
      FLEET_MODELS: join(this.stateDir, 'models.json'),
      FLEET_API_TOKEN: SECRETS.token,
      CANARY_KEY: SECRETS.providerKey,
      ...env,
    };
    const started = await AppProcess.start(app, portVariable, variables, this.said, port);
    this.apps.push(started);
    return started;
  }

  private temporalVariables(): Record<string, string> {
    return { TEMPORAL_ADDRESS: `127.0.0.1:${this.temporalPort}`, TEMPORAL_NAMESPACE: 'default' };
  }
}
