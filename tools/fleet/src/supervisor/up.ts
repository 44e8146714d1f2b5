import { errorText, FleetError, isFleetError } from '@fleet/errors';
import { loadEnvironment, ROOT, type Environment } from '../environment';
import { GatewayApi } from '../gateway-api';
import { duration } from '../output/format';
import { fields } from '../output/table';
import { buildApps } from '../build';
import { originOf, readyzOf, standInOrigin, startApps } from './apps';
import { smtpUrlOf } from './mail-catcher';
import { startPostgresOf, startTemporalOf, withoutPassword, type Backing } from './backing';
import { runDemo } from './demo';
import { assertPortsFree, planFleet, type Plan } from './plan';
import { untilPolled } from './pollers';
import { runSession, step, type Session } from './session';
import { jsonVoice, textVoice } from './voice';

/** Options of `fleet up`. */
export interface UpOptions {
  readonly scale: readonly string[];
  readonly demo: boolean;
  readonly json: boolean;
}

/** `fleet up`: starts everything and stays until it is told to stop. */
export async function up(options: UpOptions): Promise<void> {
  const env = loadEnvironment();
  const plan = planFleet(env, options.scale);
  const voice = options.json ? jsonVoice() : textVoice();
  await runSession(plan.stateDir, voice, async (session) => {
    await assertPortsFree(plan);
    const backing = await prepare(session, plan, env);
    await startApps(session, plan, env, backing);
    const api = new GatewayApi({ ...env, FLEET_GATEWAY_URL: gatewayOf(plan) });
    const hasWorkers = plan.apps.some(({ queue }) => queue !== undefined);
    if (hasWorkers)
      await step(
        session,
        'queues',
        () => untilPolled(api, plan),
        (text) => text,
      );
    showAddresses(session, plan, backing);
    if (options.demo && hasWorkers) await runDemo(voice, api, ROOT);
    // Counted from the start of this process, an `npm ci` included.
    const ms = performance.now();
    voice.block(
      'ready',
      { ms: Math.round(ms), gateway: gatewayOf(plan) },
      () => `\nready in ${duration(ms)}; Ctrl-C stops the fleet\n`,
    );
    voice.openLogs();
  });
  // Nothing of ours runs any more; a connection kept alive must not delay the prompt.
  process.exit(0);
}

/** Temporal, Postgres with its schema, and the build have nothing to do with one another: all at once. */
async function prepare(session: Session, plan: Plan, env: Environment): Promise<Backing> {
  const building = step(session, 'build', (onLine) => buildApps({ onLine }));
  const database = migrated(session, plan, env);
  const [temporal, postgres] = await Promise.all([startTemporalOf(session, plan, env), database, building]);
  return { ...temporal, ...postgres };
}

async function migrated(session: Session, plan: Plan, env: Environment): Promise<Pick<Backing, 'databaseUrl'>> {
  const postgres = await startPostgresOf(session, plan, env);
  const { migrate } = await import('@fleet/store');
  const { databaseUrl } = postgres;
  await step(
    session,
    'migrations',
    () =>
      migrate(databaseUrl).catch((error: unknown) =>
        Promise.reject(plan.postgres ? error : externalError(error, databaseUrl)),
      ),
    ({ after }) => `schema at version ${after}`,
  );
  session.lock.describe({ databaseUrl });
  return postgres;
}

/** Of a server that is not ours the reader has to know which variable names it. */
function externalError(error: unknown, databaseUrl: string): unknown {
  if (!isFleetError(error) || error.code !== 'store_unavailable') return error;
  const attempt = `Connecting to ${new URL(databaseUrl).host}, which DATABASE_URL names,`;
  return new FleetError('setup_failed', { step: attempt, reason: errorText(error.cause ?? error) }, { cause: error });
}

function gatewayOf({ apps, host }: Plan): string {
  const gateway = apps.find(({ queue }) => queue === undefined);
  return originOf(host, gateway?.port ?? 0);
}

function showAddresses({ voice }: Session, plan: Plan, backing: Backing): void {
  const rows: (readonly [string, string])[] = [
    ['Gateway', gatewayOf(plan)],
    ['Temporal', backing.temporalAddress || 'switched off'],
    ...(backing.uiAddress ? [['Temporal UI', backing.uiAddress] as const] : []),
    ['Postgres', withoutPassword(backing.databaseUrl)],
    ...(plan.standIn ? [['Stand-in for a model', `${standInOrigin(plan.standIn)}/v1`] as const] : []),
    ...(plan.mailCatcher ? [['Mail, caught', smtpUrlOf(plan.mailCatcher)] as const] : []),
    ...plan.apps.filter(({ queue }) => queue).map((app) => [app.label, readyzOf(app, plan)] as const),
  ];
  voice.block('addresses', { addresses: Object.fromEntries(rows) }, () => `\n${fields(rows)}\n`);
}
