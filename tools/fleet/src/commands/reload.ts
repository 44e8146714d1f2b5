import { loadEnvironment, stateDirFrom } from '../environment';
import { print } from '../output/print';
import { runningFleet } from '../supervisor/lock';
import { UsageError } from '../usage-error';

/** `fleet reload`: has the fleet of this checkout read `.env` and the file of models again. */
export function reload(): void {
  const stateDir = stateDirFrom(loadEnvironment());
  const holder = runningFleet(stateDir);
  // Another command may hold the lock, and knows no such signal; only a fleet has a database.
  if (holder?.databaseUrl === undefined)
    throw new UsageError(`no fleet runs from ${stateDir}`, 'Start one with: npm start');
  process.kill(holder.pid, 'SIGHUP');
  print(`asked the fleet (pid ${holder.pid}) to read its settings again; its log says what came of it`);
}
