import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, signalGroup, stillRuns, type ProcessIdentity } from './process-identity';

const LEFTOVER_GRACE_MS = 10_000;

interface Recorded extends ProcessIdentity {
  readonly label: string;
}

/**
 * The processes this supervisor has started, in `<state>/processes.json`: what the next one needs to find them when this
 * one is killed. (Temporal and Postgres have records of their own, kept by whoever starts them.)
 */
export class ProcessRecord {
  readonly #file: string;
  readonly #entries = new Map<number, Recorded>();

  constructor(stateDir: string) {
    this.#file = recordFile(stateDir);
  }

  add(label: string, pid: number): void {
    const identity = identify(pid);
    // Gone already: there is nothing to find later.
    if (!identity) return;
    this.#entries.set(pid, { ...identity, label });
    this.#save();
  }

  remove(pid: number): void {
    if (this.#entries.delete(pid)) this.#save();
  }

  /** Kills every group that is recorded, without waiting. Returns the pids. */
  killAll(): readonly number[] {
    const pids = [...this.#entries.keys()];
    for (const pid of pids) signalGroup(pid, 'SIGKILL');
    return pids;
  }

  delete(): void {
    rmSync(this.#file, { force: true });
  }

  #save(): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify([...this.#entries.values()]));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

/**
 * Ends the processes that a killed supervisor left behind: asks, waits up to `graceMs`, then kills their groups.
 *
 * @param graceMs Milliseconds, default 10,000.
 */
export async function endLeftovers(
  stateDir: string,
  onLine: (line: string) => void,
  graceMs = LEFTOVER_GRACE_MS,
): Promise<void> {
  const left = readRecord(stateDir).filter(stillRuns);
  for (const { label, pid } of left) {
    onLine(`ending ${label} (pid ${pid}), left behind by a fleet that was killed`);
    signalGroup(pid, 'SIGTERM');
  }
  const deadline = performance.now() + graceMs;
  while (left.some(stillRuns) && performance.now() < deadline) await delay(50);
  for (const { pid } of left.filter(stillRuns)) signalGroup(pid, 'SIGKILL');
  while (left.some(stillRuns)) await delay(20);
  rmSync(recordFile(stateDir), { force: true });
}

function readRecord(stateDir: string): readonly Recorded[] {
  try {
    return JSON.parse(readFileSync(recordFile(stateDir), 'utf8')) as Recorded[];
  } catch {
    return [];
  }
}

function recordFile(stateDir: string): string {
  return join(stateDir, 'processes.json');
}
