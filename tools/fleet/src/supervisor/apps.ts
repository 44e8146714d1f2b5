import { join } from 'node:path';
import { ROOT, type Environment } from '../environment';
import { backingVariables, type Backing } from './backing';
import { drain } from './drain';
import { ManagedApp } from './managed-app';
import type { Plan, PlannedApp } from './plan';
import { untilReady } from './readiness';
import { step, type Session } from './session';

/** Milliseconds that the stand-in gets to end: its calls have ended with the apps that made them. */
const STAND_IN_LIMIT_MS = 7000;

/**
 * Starts the gateway and the workers, and the stand-in provider where one is planned, and waits until all are ready. They
 * are drained with the session, the stand-in last.
 */
export async function startApps(session: Session, plan: Plan, env: Environment, backing: Backing): Promise<void> {
  const { voice } = session;
  const managed = (planned: PlannedApp): { readonly planned: PlannedApp; readonly app: ManagedApp } => ({
    planned,
    app: manage(session, planned, appEnvironment(env, planned, plan, backing)),
  });
  const apps = plan.apps.map(managed);
  const standIns = plan.standIn ? [managed(plan.standIn)] : [];
  session.stopping.throwIfAborted();
  const say = (level: 'info' | 'warn', message: string): void => voice.say(level, message);
  session.onStop(() =>
    drain({ gateway: [], workers: standIns.map(({ app }) => app), limitMs: STAND_IN_LIMIT_MS, say }),
  );
  session.onStop(() =>
    drain({
      gateway: apps.filter(({ planned }) => !planned.queue).map(({ app }) => app),
      workers: apps.filter(({ planned }) => planned.queue).map(({ app }) => app),
      limitMs: plan.drainMs,
      say,
    }),
  );
  const all = [...standIns, ...apps];
  await step(
    session,
    'apps',
    async (onLine) => {
      const waits = all.map(({ planned, app }) => {
        const url = planned === plan.standIn ? `${standInOrigin(planned)}/readyz` : readyzOf(planned, plan);
        return untilReady({ label: app.label, url, ended: app.start(), lastWords: () => app.lastWords }, onLine);
      });
      await Promise.all(waits);
    },
    () => `${all.length} ready`,
  );
  for (const { app } of all) app.supervise();
}

function manage({ voice, record }: Session, planned: PlannedApp, env: NodeJS.ProcessEnv): ManagedApp {
  const folder = planned.app === 'stand-in-provider' ? 'tools' : 'apps';
  const main = join(ROOT, folder, planned.app, 'dist', 'main.js');
  // A small young generation: 20 MB less at rest for each app, and none of them lives on allocation speed.
  const command = [process.execPath, '--max-semi-space-size=4', main] as const;
  return new ManagedApp(
    { label: planned.label, command: [...command], cwd: ROOT, env },
    {
      record,
      onLine: (line) => voice.appLine(planned.label, line),
      say: (level, message) => voice.say(level, message),
    },
  );
}

/** Where the stand-in provider is: always on this machine alone, whatever FLEET_HOST says. */
export function standInOrigin({ port }: PlannedApp): string {
  return originOf('127.0.0.1', port);
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
  const kept = Object.entries(env).filter(
    ([name]) => !plan.temporal || !/^TEMPORAL_(TLS|API_KEY|CLIENT_|SERVER_CA)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    ...backingVariables(backing, plan.namespace),
    // Where the embedded UI is reached from outside, behind a proxy for instance, only its operator knows.
    ...(env['FLEET_TEMPORAL_UI_URL'] ? { FLEET_TEMPORAL_UI_URL: env['FLEET_TEMPORAL_UI_URL'] } : {}),
    ...(plan.standIn ? { FLEET_STAND_IN_URL: `${standInOrigin(plan.standIn)}/v1` } : {}),
    [planned.variable]: String(planned.port),
    FLEET_SUPERVISED: '1',
    // One malloc arena a thread costs a worker 13 MB at rest and gains it nothing.
    MALLOC_ARENA_MAX: env['MALLOC_ARENA_MAX'] ?? '2',
  };
}
