import { isFromFile, type Environment } from '../environment';
import { backingVariables, type Backing } from './backing';
import { drain } from './drain';
import { mailVariables, smtpUrlOf } from './mail-catcher';
import type { Plan, PlannedApp } from './plan';
import { manage, TOOLS_LIMIT_MS } from './planned-process';
import { untilReady } from './readiness';
import { step, type Session } from './session';

/**
 * Starts the gateway and the workers, and the tools that are planned, the stand-in provider and the mail catcher, and waits
 * until all are ready. They are drained with the session, the tools last.
 */
export async function startApps(session: Session, plan: Plan, env: Environment, backing: Backing): Promise<void> {
  const { voice } = session;
  const managed = (planned: PlannedApp): { readonly planned: PlannedApp; readonly app: ReturnType<typeof manage> } => ({
    planned,
    app: manage(session, planned, appEnvironment(env, planned, plan, backing)),
  });
  const apps = plan.apps.map(managed);
  const tools = [plan.standIn, plan.mailCatcher].flatMap((tool) => (tool ? [managed(tool)] : []));
  session.stopping.throwIfAborted();
  const say = (level: 'info' | 'warn', message: string): void => voice.say(level, message);
  session.onStop(() => drain({ gateway: [], workers: tools.map(({ app }) => app), limitMs: TOOLS_LIMIT_MS, say }));
  session.onStop(() =>
    drain({
      gateway: apps.filter(({ planned }) => !planned.queue).map(({ app }) => app),
      workers: apps.filter(({ planned }) => planned.queue).map(({ app }) => app),
      limitMs: plan.drainMs,
      say,
    }),
  );
  session.onReload(() => {
    for (const { app } of apps) app.reload();
  });
  const all = [...tools, ...apps];
  await step(
    session,
    'apps',
    async (onLine) => {
      const waits = all.map(({ planned, app }) => {
        const url = readinessOf(planned, plan);
        return untilReady({ label: app.label, url, ended: app.start(), lastWords: () => app.lastWords }, onLine);
      });
      await Promise.all(waits);
    },
    () => `${all.length} ready`,
  );
  for (const { app } of all) app.supervise();
}

/** Where the stand-in provider is: always on this machine alone, whatever FLEET_HOST says. */
export function standInOrigin({ port }: PlannedApp): string {
  return originOf('127.0.0.1', port);
}

/** What is asked whether it is ready: /readyz, or the greeting of a mail server. */
function readinessOf(planned: PlannedApp, plan: Plan): string {
  if (planned === plan.mailCatcher) return smtpUrlOf(planned);
  return planned === plan.standIn ? `${standInOrigin(planned)}/readyz` : readyzOf(planned, plan);
}

/** Address of an app's /readyz as seen from here. */
export function readyzOf({ port }: PlannedApp, { host }: Pick<Plan, 'host'>): string {
  return `${originOf(host, port)}/readyz`;
}

/** `http://host:port`, with the brackets of IPv6. */
export function originOf(host: string, port: number): string {
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}

function appEnvironment(env: Environment, planned: PlannedApp, plan: Plan, backing: Backing): NodeJS.ProcessEnv {
  // The embedded server speaks neither TLS nor API keys; settings for another server would keep everybody out.
  const isForAnother = (name: string): boolean =>
    plan.temporal !== undefined && /^TEMPORAL_(TLS|API_KEY|CLIENT_|SERVER_CA)/.test(name);
  // Apps read the file themselves, and again when they are asked to; what they are given here would come before it. The tools
  // do not read it.
  const isInFile = (name: string): boolean => plan.apps.includes(planned) && isFromFile(name);
  const kept = Object.entries(env).filter(([name]) => !isForAnother(name) && !isInFile(name));
  return {
    ...Object.fromEntries(kept),
    ...backingVariables(backing, plan.namespace),
    // Where the embedded UI is reached from outside, behind a proxy for instance, only its operator knows.
    ...(env['FLEET_TEMPORAL_UI_URL'] ? { FLEET_TEMPORAL_UI_URL: env['FLEET_TEMPORAL_UI_URL'] } : {}),
    ...(plan.standIn ? { FLEET_STAND_IN_URL: `${standInOrigin(plan.standIn)}/v1` } : {}),
    ...mailVariables(plan, env),
    FLEET_STATE_DIR: plan.stateDir,
    [planned.variable]: String(planned.port),
    FLEET_SUPERVISED: '1',
    // One malloc arena a thread costs a worker 13 MB at rest and gains it nothing.
    MALLOC_ARENA_MAX: env['MALLOC_ARENA_MAX'] ?? '2',
  };
}
