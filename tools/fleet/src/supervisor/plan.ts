import { FleetError } from '@fleet/errors';
import { TASK_QUEUE_NAMES, type TaskQueueName } from '@fleet/task-queues';
import { taskQueuesFrom } from '@fleet/task-queues/overrides';
import { requireOwnEnvironment } from '@fleet/telemetry/environment';
import { bindingFrom, logLevelFrom, temporalEnabledFrom } from '@fleet/telemetry/settings';
import { connectionConfigFrom } from '@fleet/temporal-client/connection-config';
import { temporalUiFrom } from '@fleet/temporal-client/ui-links';
import { gatewayPortFrom, portFrom, stateDirFrom, type Environment } from '../environment';
import { assertPortFree } from '../services/ports';
import { parseScale } from './scale';

/** One app that will run. */
export interface PlannedApp {
  readonly label: string;
  /** Its folder, of apps/ or tools/. */
  readonly app: string;
  readonly queue?: TaskQueueName;
  readonly port: number;
  /** Variable that moves the port, and by which the app is told it. */
  readonly variable: string;
}

/** Everything the environment decides, before anything is started. */
export interface Plan {
  readonly stateDir: string;
  /** Host that the apps bind, and by which they are reached from here. */
  readonly bindHost: string;
  readonly host: string;
  readonly apps: readonly PlannedApp[];
  /** Absent: the environment names a model provider. */
  readonly standIn?: PlannedApp;
  /** Absent: the environment names a mail server, or nothing sends mail. */
  readonly mailCatcher?: PlannedApp;
  /** Absent: TEMPORAL_ADDRESS names another server, or there is none. */
  readonly temporal?: { readonly port: number; readonly uiPort: number };
  /** Absent: DATABASE_URL names another server. */
  readonly postgres?: { readonly port: number };
  readonly namespace: string;
  /** Which of several fleets it is. */
  readonly environment: string;
  /** Longest that a worker may drain, in milliseconds. */
  readonly drainMs: number;
}

/**
 * Reads the environment.
 *
 * @throws FleetError `invalid_variable`, `environment_mismatch`, `token_required`, `unreadable_file`, `unknown_queue`; UsageError for a bad `--scale`.
 */
export function planFleet(env: Environment, scaleTexts: readonly string[]): Plan {
  const queues = taskQueuesFrom(env);
  const scale = parseScale(scaleTexts, queues);
  const gateway = { label: 'gateway', app: 'gateway', port: gatewayPortFrom(env), variable: 'FLEET_GATEWAY_PORT' };
  // Without Temporal workers have nothing to poll: the gateway runs chats by itself.
  const workers = (temporalEnabledFrom(env) ? TASK_QUEUE_NAMES : []).flatMap((queue) =>
    Array.from({ length: scale[queue] }, (_, index) => plannedWorker(queue, index, queues[queue].healthPort)),
  );
  // What would keep the apps from starting is told now, before any server is.
  const { host: bindHost } = bindingFrom(env);
  logLevelFrom(env);
  temporalUiFrom(env);
  const services = planServices(env);
  // An unreadable certificate is told now, not by five apps after everything else has been started.
  if (!services.temporal) connectionConfigFrom(env);
  return {
    ...services,
    bindHost,
    host: ['0.0.0.0', '::'].includes(bindHost) ? '127.0.0.1' : bindHost,
    apps: [gateway, ...workers],
    ...(namesModels(env) ? {} : { standIn: plannedStandIn(env) }),
    // A worker ends by itself at its force time; what is above is for the signal and the last words.
    drainMs: Math.max(...TASK_QUEUE_NAMES.map((queue) => queues[queue].forceSeconds)) * 1000 + 5000,
  };
}

/** What says where models are: with any of them set there is no need of a stand-in. */
const MODEL_VARIABLES = [
  'FLEET_MODELS',
  'FLEET_MODEL_URL',
  'FLEET_STAND_IN_URL',
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
  'ANTHROPIC_API_KEY',
] as const;

function namesModels(env: Environment): boolean {
  return MODEL_VARIABLES.some((variable) => Boolean(env[variable]));
}

function plannedStandIn(env: Environment): PlannedApp {
  const variable = 'FLEET_STAND_IN_PORT';
  return { label: 'stand-in', app: 'stand-in-provider', port: portFrom(env, variable, 8089), variable };
}

/** Only workers send mail, and without Temporal there are none. */
function plannedCatcher(env: Environment): { readonly mailCatcher?: PlannedApp } {
  if (env['FLEET_SMTP_URL'] || !temporalEnabledFrom(env)) return {};
  const variable = 'FLEET_MAIL_CATCHER_PORT';
  return { mailCatcher: { label: 'mail', app: 'mail-catcher', port: portFrom(env, variable, 1025), variable } };
}

/** The part of the plan that `fleet services` needs. */
export type ServicesPlan = Pick<
  Plan,
  'stateDir' | 'temporal' | 'postgres' | 'mailCatcher' | 'namespace' | 'environment'
>;

/**
 * Reads the part of the environment that is about Temporal, Postgres and mail.
 *
 * @throws FleetError `invalid_variable`, `environment_mismatch`.
 */
export function planServices(env: Environment): ServicesPlan {
  const namespace = env['TEMPORAL_NAMESPACE'] || 'default';
  const own = temporalEnabledFrom(env) && !env['TEMPORAL_ADDRESS'] && !env['TEMPORAL_HOST'];
  return {
    stateDir: stateDirFrom(env),
    namespace,
    environment: requireOwnEnvironment(env, {
      ...(temporalEnabledFrom(env) && { namespace }),
      ...(env['DATABASE_URL'] && { databaseUrl: env['DATABASE_URL'] }),
    }),
    ...(own && {
      temporal: {
        port: portFrom(env, 'FLEET_TEMPORAL_PORT', 7233),
        uiPort: portFrom(env, 'FLEET_TEMPORAL_UI_PORT', 8233),
      },
    }),
    ...(env['DATABASE_URL'] ? {} : { postgres: { port: portFrom(env, 'FLEET_POSTGRES_PORT', 5433) } }),
    ...plannedCatcher(env),
  };
}

interface Wanted {
  readonly port: number;
  readonly host: string;
  readonly variable: string;
  readonly user: string;
}

/**
 * Refuses the start while nothing has been started yet.
 *
 * @throws FleetError `port_in_use` naming the port, who wants it and the variable that moves it.
 */
export async function assertPortsFree(plan: Pick<Plan, 'temporal' | 'postgres'> & Partial<Plan>): Promise<void> {
  const taken = new Map<number, string>();
  for (const { port, host, variable, user } of wantedPorts(plan)) {
    const other = taken.get(port);
    if (other !== undefined)
      throw new FleetError('port_in_use', { port, user: `${user} as well as ${other}`, variable });
    taken.set(port, user);
    await assertPortFree(port, host, variable, user);
    // A server on all addresses lets another bind one of them on some systems, and then gets only half the calls.
    if (host === '127.0.0.1') await assertPortFree(port, '0.0.0.0', variable, user);
  }
}

function wantedPorts(plan: Partial<Plan>): readonly Wanted[] {
  const { apps = [], bindHost = '127.0.0.1', standIn, mailCatcher, temporal, postgres } = plan;
  const local = '127.0.0.1';
  return [
    ...apps.map(({ label, port, variable }) => ({ port, host: bindHost, variable, user: label })),
    ...(standIn ? [{ ...standIn, host: local, user: 'the stand-in provider' }] : []),
    ...(mailCatcher ? [{ ...mailCatcher, host: local, user: 'the mail catcher' }] : []),
    ...(temporal
      ? [
          { port: temporal.port, host: local, variable: 'FLEET_TEMPORAL_PORT', user: 'Temporal' },
          { port: temporal.uiPort, host: local, variable: 'FLEET_TEMPORAL_UI_PORT', user: "Temporal's web UI" },
        ]
      : []),
    ...(postgres ? [{ port: postgres.port, host: local, variable: 'FLEET_POSTGRES_PORT', user: 'Postgres' }] : []),
  ];
}

/** The n-th worker of a queue takes the table's health port + 10 (n - 1). */
function plannedWorker(queue: TaskQueueName, index: number, basePort: number): PlannedApp {
  return {
    label: index === 0 ? `worker-${queue}` : `worker-${queue}-${index + 1}`,
    app: `worker-${queue}`,
    queue,
    port: basePort + 10 * index,
    variable: `FLEET_${queue.toUpperCase()}_HEALTH_PORT`,
  };
}
