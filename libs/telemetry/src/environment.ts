import { FleetError } from '@fleet/errors';

// Loads no package: the command line reads this before it starts anything.

type Variables = Readonly<Record<string, string | undefined>>;

/** What a process is about to work on. */
export interface Surroundings {
  /** Temporal's; absent without Temporal. */
  readonly namespace?: string;
  /** Its password is never shown. */
  readonly databaseUrl?: string;
}

const PRODUCTION = 'production';

/** The words by which names say where they belong. */
const ENVIRONMENTS: ReadonlyMap<string, string> = new Map([
  ['production', PRODUCTION],
  ['prod', PRODUCTION],
  ['staging', 'staging'],
  ['stage', 'staging'],
  ['test', 'test'],
  ['development', 'development'],
  ['dev', 'development'],
]);

/**
 * `FLEET_ENVIRONMENT`, default `development`: which of several fleets this process is of. `prod`, `stage` and `dev` are
 * short for the long words; any other word is an environment of its own.
 *
 * @throws FleetError `invalid_variable`.
 */
export function environmentFrom(env: Variables): string {
  const text = env['FLEET_ENVIRONMENT'] || 'development';
  const word = text.toLowerCase();
  if (/^[a-z0-9]{1,50}$/.test(word)) return ENVIRONMENTS.get(word) ?? word;
  const rule = 'production, staging, test, development, or another word of letters and digits';
  const got = JSON.stringify(text.slice(0, 100));
  throw new FleetError('invalid_variable', { variable: 'FLEET_ENVIRONMENT', rule, got });
}

/**
 * Refuses the names of another environment, before anything is connected to: a process that was started with the settings of
 * two environments would else work on the wrong one. A name belongs to the environments that its words name, and to none
 * when no word does; production's namespace has to say so itself.
 *
 * @returns the environment.
 * @throws FleetError `environment_mismatch` naming the variable, the rule and the name; `invalid_variable`.
 */
export function requireOwnEnvironment(env: Variables, { namespace, databaseUrl }: Surroundings): string {
  const environment = environmentFrom(env);
  if (namespace !== undefined) requireOwn(environment, 'TEMPORAL_NAMESPACE', namespace, environment === PRODUCTION);
  const database = databaseUrl === undefined ? undefined : databaseIn(databaseUrl);
  if (database !== undefined) requireOwn(environment, 'DATABASE_URL', database, false);
  return environment;
}

function requireOwn(environment: string, variable: string, name: string, mustSaySo: boolean): void {
  const named = environmentsIn(name, environment);
  const others = [...named].filter((other) => other !== environment);
  if (others.length === 0 && (named.size > 0 || !mustSaySo)) return;
  const what = variable === 'DATABASE_URL' ? 'a database' : 'a namespace';
  const rule = `${what} ${mustSaySo ? 'with the word "production" or "prod" and' : 'with'} no word of another environment`;
  const of = others.length === 0 ? '' : ` (${others.join(' and ')})`;
  const got = `${JSON.stringify(name.slice(0, 200))}${of}`;
  throw new FleetError('environment_mismatch', { variable, rule, environment, got });
}

function environmentsIn(name: string, own: string): ReadonlySet<string> {
  const words = name.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  const known = words.map((word) => (word === own ? own : ENVIRONMENTS.get(word)));
  return new Set(known.filter((environment) => environment !== undefined));
}

/** The database that a client would take: without one in the path it is named after the user. */
function databaseIn(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { pathname, username } = new URL(url);
  const name = pathname.slice(1) || username;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
