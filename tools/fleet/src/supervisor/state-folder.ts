import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, relative, sep } from 'node:path';
import { ROOT } from '../environment';

const MARKER = 'fleet-state.json';
const VERSION = 1;

/** Everything that a fleet puts into its state folder: an entry that matches none of these is somebody else's. */
const OURS: readonly RegExp[] = [
  /^fleet-state\.json$/,
  /^fleet\.lock(\.stale)?(\.\d+)?$/,
  /^processes\.json(\.new)?$/,
  /^(temporal|postgres)\.pid\.json$/,
  /^temporal\.db(-wal|-shm|-journal)?$/,
  /^postgres(\.new|\.\d+)?$/,
  /^postgres-password$/,
  /^postgres-programs(\.\d+)?$/,
  /^(bin|cache|logs|mail)$/,
];

/** What `fleet-state.json` says: that a fleet made this folder its own, and what was in it before. */
interface Marker {
  readonly version: number;
  /** Entries with a name of ours that were there first, and stay. */
  readonly kept: readonly string[];
}

/** Makes the state folder when it is missing, and marks it as one: `fleet reset` deletes in no folder without the mark. */
export function openStateFolder(stateDir: string): void {
  mkdirSync(stateDir, { recursive: true });
  if (existsSync(join(stateDir, MARKER))) return;
  const names = readdirSync(stateDir);
  // The default folder has no other use; a worker under development may have put its bundle there already.
  const ours = isOlderStateFolder(names) || stateDir === join(ROOT, '.fleet');
  const marker: Marker = { version: VERSION, kept: ours ? [] : names.filter(isOurs) };
  writeFileSync(join(stateDir, MARKER), `${JSON.stringify(marker)}\n`);
}

/** The entries of a state folder that a fleet has made, the mark last; undefined when no fleet has marked the folder. */
export function fleetEntries(stateDir: string): readonly string[] | undefined {
  const names = readdirSync(stateDir);
  const marker = readMarker(join(stateDir, MARKER));
  if (!marker && !isOlderStateFolder(names)) return undefined;
  const entries = names.filter((name) => isOurs(name) && !marker?.kept.includes(name));
  return [...entries.filter((name) => name !== MARKER), ...entries.filter((name) => name === MARKER)];
}

/** Folders in which nothing is ever deleted, nor in any folder around them. */
export interface Precious {
  readonly home: string;
  readonly checkout: string;
  readonly workingFolder: string;
}

/** Why a folder may not be reset, whatever is in it; undefined when it may. Paths must be absolute. */
export function whyNeverReset(stateDir: string, precious: Precious = preciousFolders()): string | undefined {
  if (holds(stateDir, precious.home)) return 'it is the home folder, or one around it';
  if (holds(stateDir, precious.checkout)) return 'the checkout is in it';
  if (holds(stateDir, precious.workingFolder)) return 'the present folder is in it';
  // Also where none of these is below it, as on another drive.
  return relative(stateDir, join(stateDir, '..')) === '' ? 'it is the root of a file system' : undefined;
}

function preciousFolders(): Precious {
  return { home: realPath(homedir()), checkout: realPath(ROOT), workingFolder: realPath(process.cwd()) };
}

/** True when `path` is `folder` or lies in it. */
function holds(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function isOurs(name: string): boolean {
  return OURS.some((pattern) => pattern.test(name));
}

/** Folders from before the mark: one name alone, `processes.json` for instance, is also that of other programs. */
function isOlderStateFolder(names: readonly string[]): boolean {
  return names.includes('temporal.db') && names.includes('postgres');
}

function readMarker(file: string): Marker | undefined {
  try {
    const marker = JSON.parse(readFileSync(file, 'utf8')) as Partial<Marker>;
    const isMarker = typeof marker.version === 'number' && Array.isArray(marker.kept);
    return isMarker ? (marker as Marker) : undefined;
  } catch {
    return undefined;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
