import { FleetError } from '@fleet/errors';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, stillRuns, type ProcessIdentity } from './process-identity';

/** What the lock of a state folder says about the fleet that runs from it. */
export interface LockHolder extends ProcessIdentity {
  /** Database of the fleet, once it is there. With its password: the file is readable by its user only. */
  readonly databaseUrl?: string;
}

/** The lock of a state folder, held by this process. */
export interface Lock {
  /** Tells other commands about the fleet. */
  describe(details: Omit<LockHolder, keyof ProcessIdentity>): void;
  release(): void;
}

/**
 * Takes the lock of a state folder, also from a process that is gone.
 *
 * @throws FleetError `already_running` naming the pid when its holder lives.
 */
export function takeLock(stateDir: string): Lock {
  mkdirSync(stateDir, { recursive: true });
  const me = identify(process.pid) ?? { pid: process.pid, startTime: '' };
  const file = lockFile(stateDir);
  while (!createWhole(file, me)) {
    const holder = readHolder(file);
    if (holder && stillRuns(holder)) throw new FleetError('already_running', { folder: stateDir, pid: holder.pid });
    setAside(file, holder);
  }
  return {
    describe: (details) => writeFileSync(file, JSON.stringify({ ...me, ...details })),
    release: () => {
      if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true });
    },
  };
}

/** The fleet that runs from a state folder now, or undefined. */
export function runningFleet(stateDir: string): LockHolder | undefined {
  const holder = readHolder(lockFile(stateDir));
  return holder && stillRuns(holder) ? holder : undefined;
}

/** Path of the lock. */
export function lockFile(stateDir: string): string {
  return join(stateDir, 'fleet.lock');
}

/** A link is made at once and only when nothing has the name, so nobody ever reads half a lock. */
function createWhole(file: string, me: ProcessIdentity): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(me), { mode: 0o600 });
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Of two that find the same stale lock one may meanwhile have made its own: that one is put back. */
function setAside(file: string, stale: LockHolder | undefined): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readHolder(aside)?.pid !== stale?.pid) linkSync(aside, file);
  } catch {
    // Somebody else was faster; the next turn sees what is there now.
  }
  rmSync(aside, { force: true });
}

function readHolder(file: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LockHolder;
  } catch {
    return undefined;
  }
}
