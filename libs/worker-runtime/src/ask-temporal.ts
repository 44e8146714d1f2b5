import type { AskTemporal } from '@fleet/activities';
import { findRun, isClosed, openServer } from '@fleet/temporal-client/server';

/** What Temporal knows of workflows, for activities. It connects when it is first asked. */
export function temporalAsker(env: Readonly<Record<string, string | undefined>>): {
  readonly ask: AskTemporal;
  close(): Promise<void>;
} {
  const server = openServer({ env });
  return {
    async ask(workflowId) {
      const run = await server.bounded(() => findRun(server, 'workflow', workflowId));
      if (run === undefined) return 'unknown';
      return isClosed(run.status) ? 'ended' : 'running';
    },
    close: () => server.close(),
  };
}
