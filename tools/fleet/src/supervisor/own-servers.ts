import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signalGroup } from './process-identity';

/**
 * Kills Temporal and Postgres when this process started them and must end now. Their pid records are written as they are
 * spawned, so this also finds one whose start has not yet been reported back.
 */
export function killOwnServers(stateDir: string): void {
  for (const name of ['temporal', 'postgres']) {
    const record = read(join(stateDir, `${name}.pid.json`));
    if (record?.owner === process.pid) signalGroup(record.pid, 'SIGKILL');
  }
}

function read(file: string): { readonly pid: number; readonly owner: number } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { pid: number; owner: number };
  } catch {
    return undefined;
  }
}
