import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signalGroup } from './process-identity';

/**
 * Ends Temporal and Postgres at once when this process started them. Their pid records are written as they are spawned,
 * so this also finds one whose start has not yet been reported back.
 *
 * @param postgresSignal Default SIGKILL. SIGQUIT is its own immediate end, which takes its children along; it needs a moment.
 * @returns their pids.
 */
export function killOwnServers(stateDir: string, postgresSignal: 'SIGKILL' | 'SIGQUIT' = 'SIGKILL'): readonly number[] {
  const signals = { temporal: 'SIGKILL', postgres: postgresSignal } as const;
  return Object.entries(signals).flatMap(([name, signal]) => {
    const record = read(join(stateDir, `${name}.pid.json`));
    if (record?.owner !== process.pid) return [];
    signalGroup(record.pid, signal);
    return [record.pid];
  });
}

function read(file: string): { readonly pid: number; readonly owner: number } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { pid: number; owner: number };
  } catch {
    return undefined;
  }
}
