import { join } from 'node:path';
import { ROOT } from '../environment';
import { ManagedApp } from './managed-app';
import type { PlannedApp } from './plan';
import type { Session } from './session';

/** Apps of tools/ instead of apps/. */
const TOOLS: readonly string[] = ['stand-in-provider', 'mail-catcher'];
/** Milliseconds that the tools get to end: their calls have ended with the apps that made them. */
export const TOOLS_LIMIT_MS = 7000;

/** An app that is not started yet, with its output in the log of the session. */
export function manage({ voice, record, stopping }: Session, planned: PlannedApp, env: NodeJS.ProcessEnv): ManagedApp {
  const folder = TOOLS.includes(planned.app) ? 'tools' : 'apps';
  const main = join(ROOT, folder, planned.app, 'dist', 'main.js');
  // A small young generation: 20 MB less at rest for each app, and none of them lives on allocation speed.
  const command = [process.execPath, '--max-semi-space-size=4', main] as const;
  return new ManagedApp(
    { label: planned.label, command: [...command], cwd: ROOT, env },
    {
      record,
      stopping,
      onLine: (line) => voice.appLine(planned.label, line),
      say: (level, message) => voice.say(level, message),
    },
  );
}
