import { temporalEnabledFrom } from '@fleet/telemetry/settings';
import type { Environment } from '../environment';
import { startPostgres } from '../services/postgres';
import { startTemporal } from '../services/temporal';
import { keepServer } from './kept-server';
import type { Plan } from './plan';
import { step, type Session } from './session';

/** Where Temporal and Postgres are. */
export interface Backing {
  /** Empty: FLEET_TEMPORAL_ENABLED is false. */
  readonly temporalAddress: string;
  /** Absent without a web UI of ours. */
  readonly uiAddress?: string;
  readonly databaseUrl: string;
}

type BackingPlan = Pick<Plan, 'stateDir' | 'temporal' | 'postgres' | 'namespace'>;

/** Starts the Temporal server of the plan, or takes the one TEMPORAL_ADDRESS names. */
export async function startTemporalOf(
  session: Session,
  { temporal, stateDir, namespace }: BackingPlan,
  env: Environment,
): Promise<Pick<Backing, 'temporalAddress' | 'uiAddress'>> {
  const external = env['TEMPORAL_ADDRESS'] || env['TEMPORAL_HOST'];
  if (!temporal) return { temporalAddress: temporalEnabledFrom(env) ? (external ?? '') : '' };
  const server = await step(
    session,
    'Temporal',
    (onLine) => keepServer(session, 'Temporal', () => startTemporal({ stateDir, ...temporal, namespace, onLine })),
    ({ address }) => address,
  );
  return { temporalAddress: server.address, ...(server.uiAddress && { uiAddress: server.uiAddress }) };
}

/** Starts the Postgres of the plan, or takes the one DATABASE_URL names. */
export async function startPostgresOf(
  session: Session,
  { postgres, stateDir }: BackingPlan,
  env: Environment,
): Promise<Pick<Backing, 'databaseUrl'>> {
  if (!postgres) return { databaseUrl: env['DATABASE_URL'] ?? '' };
  const server = await step(
    session,
    'Postgres',
    (onLine) => keepServer(session, 'Postgres', () => startPostgres({ stateDir, ...postgres, onLine })),
    () => `127.0.0.1:${postgres.port}`,
  );
  return { databaseUrl: server.url };
}

/** The variables by which an app finds them. */
export function backingVariables(backing: Backing, namespace: string): Readonly<Record<string, string>> {
  return {
    TEMPORAL_ADDRESS: backing.temporalAddress,
    TEMPORAL_NAMESPACE: namespace,
    DATABASE_URL: backing.databaseUrl,
    ...(backing.uiAddress && { FLEET_TEMPORAL_UI_URL: backing.uiAddress }),
  };
}

/** An address without its password, to be shown. */
export function withoutPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.password = '';
  return url.href;
}
