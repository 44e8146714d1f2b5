import { buildApps } from '../build';
import type { Environment } from '../environment';
import { drain } from './drain';
import type { PlannedApp, ServicesPlan } from './plan';
import { manage, TOOLS_LIMIT_MS } from './planned-process';
import { untilReady } from './readiness';
import { step, type Session } from './session';

/** Where the catcher takes mail: on this machine alone, whatever FLEET_HOST says. */
export function smtpUrlOf({ port }: PlannedApp): string {
  return `smtp://127.0.0.1:${port}`;
}

/** The variables by which workers send to the catcher; none where there is none. */
export function mailVariables({ mailCatcher }: ServicesPlan, env: Environment): Readonly<Record<string, string>> {
  if (!mailCatcher) return {};
  return { FLEET_SMTP_URL: smtpUrlOf(mailCatcher), FLEET_MAIL_FROM: env['FLEET_MAIL_FROM'] || 'fleet@localhost' };
}

/** Builds and starts the catcher of the plan alone, when there is one. It ends with the session. */
export async function startMailCatcher(session: Session, plan: ServicesPlan, env: Environment): Promise<void> {
  const { mailCatcher } = plan;
  if (!mailCatcher) return;
  const url = smtpUrlOf(mailCatcher);
  await step(
    session,
    'mail catcher',
    async (onLine) => {
      await buildApps({ apps: [mailCatcher.app], onLine });
      session.stopping.throwIfAborted();
      const app = manage(session, mailCatcher, toolEnvironment(env, mailCatcher, plan));
      const say = (level: 'info' | 'warn', message: string): void => session.voice.say(level, message);
      session.onStop(() => drain({ gateway: [], workers: [app], limitMs: TOOLS_LIMIT_MS, say }));
      await untilReady({ label: app.label, url, ended: app.start(), lastWords: () => app.lastWords }, onLine);
      app.supervise();
    },
    () => url,
  );
}

function toolEnvironment(env: Environment, tool: PlannedApp, { stateDir }: ServicesPlan): NodeJS.ProcessEnv {
  return { ...env, FLEET_STATE_DIR: stateDir, [tool.variable]: String(tool.port), FLEET_SUPERVISED: '1' };
}
