import { existsSync, readdirSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { join, resolve, sep } from 'node:path';
import { loadEnvironment, ROOT, stateDirFrom } from '../environment';
import { print } from '../output/print';
import { lockFile, takeLock } from '../supervisor/lock';
import { UsageError } from '../usage-error';

/** What a state folder holds; a folder with none of it is somebody else's. */
const OURS = ['temporal.db', 'postgres', 'postgres-password', 'bin', 'cache', 'logs', 'processes.json', 'fleet.lock'];

/** `fleet reset`: deletes the state folder. Refused while a fleet runs from it. */
export async function reset({ yes }: { readonly yes?: boolean }): Promise<void> {
  const stateDir = stateDirFrom(loadEnvironment());
  if (!existsSync(stateDir)) return print(`${stateDir} does not exist: nothing to delete`);
  refuseOtherFolders(stateDir);
  // Held until the folder is gone, so that no fleet starts in it meanwhile.
  const lock = takeLock(stateDir);
  try {
    if (!yes && !(await confirmed(stateDir))) return print('nothing was deleted');
    for (const name of readdirSync(stateDir)) {
      const path = join(stateDir, name);
      if (path !== lockFile(stateDir)) rmSync(path, { recursive: true, force: true });
    }
  } finally {
    lock.release();
  }
  rmSync(stateDir, { recursive: true, force: true });
  print(`${stateDir} deleted; fleet up starts from nothing`);
}

/** FLEET_STATE_DIR is a variable like any other: a slip of the hand must not delete a home folder. */
function refuseOtherFolders(stateDir: string): void {
  const names = readdirSync(stateDir);
  const holdsRepository = `${ROOT}${sep}`.startsWith(`${resolve(stateDir)}${sep}`);
  if (!holdsRepository && (names.length === 0 || names.some((name) => OURS.includes(name)))) return;
  throw new UsageError(`${stateDir} does not look like the state folder of a fleet`, 'Check FLEET_STATE_DIR.');
}

async function confirmed(stateDir: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError('fleet reset needs --yes when nobody can be asked');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`Delete ${stateDir}, with all jobs, artefacts and downloads? Type yes: `);
  prompt.close();
  return answer.trim() === 'yes';
}
