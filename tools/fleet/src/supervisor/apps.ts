import { join } from 'node:path';
import { ROOT, type Environment } from '../environment';
import { backingVariables, type Backing } from './backing';
import { drain } from './drain';
import { ManagedApp } from './managed-app';
import type { Plan, PlannedApp } from './plan';
import { untilReady } from './readiness';
import { step, type Session } from './session';

/** Starts the gateway and the workers and waits until all are ready. They are drained with the session. */
export async function startApps(session: Session, plan: Plan, env: Environment, backing: Backing): Promise<void> {
  const { voice, record } = session;
  const apps = plan.apps.map((planned) => {
    const spec = {
      label: planned.label,
      // A small young generation: 20 MB less at rest for each app, and none of them lives on allocation speed.
      command: [
        process.execPath,
        '--max-semi-space-size=4',
        join(ROOT, 'apps', planned.app, 'dist', 'main.js'),
      ] as const,
      cwd: ROOT,
      env: appEnvironment(env, planned, plan, backing),
    };
    const care = {
      record,
      onLine: (line: string) => voice.appLine(planned.label, line),
      say: (level: 'info' | 'warn', message: string) => voice.say(level, message),
    };
    return { planned, app: new ManagedApp({ ...spec, command: [...spec.command] }, care) };
  });
  session.stopping.throwIfAborted();
  session.onStop(() =>
    drain({
      gateway: apps.filter(({ planned }) => !planned.queue).map(({ app }) => app),
      workers: apps.filter(({ planned }) => planned.queue).map(({ app }) => app),
      limitMs: plan.drainMs,
      say: (level, message) => voice.say(level, message),
    }),
  );
  await step(
    session,
    'apps',
    async (onLine) => {
      const waits = apps.map(({ planned, app }) => {
        const url = readyzOf(planned, plan);
        return untilReady({ label: app.label, url, ended: app.start(), lastWords: () => app.lastWords }, onLine);
      });
      await Promise.all(waits);
    },
    () => `${apps.length} ready`,
  );
  for (const { app } of apps) app.supervise();
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
    [planned.variable]: String(planned.port),
    FLEET_SUPERVISED: '1',
    // One malloc arena a thread costs a worker 13 MB at rest and gains it nothing.
    MALLOC_ARENA_MAX: env['MALLOC_ARENA_MAX'] ?? '2',
  };
}
