import { existsSync, readdirSync, realpathSync, rmdirSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { join } from 'node:path';
import { loadEnvironment, stateDirFrom } from '../environment';
import { print } from '../output/print';
import { lockFile, takeLock } from '../supervisor/lock';
import { fleetEntries, whyNeverReset } from '../supervisor/state-folder';
import { UsageError } from '../usage-error';

const REMEDY = 'Check FLEET_STATE_DIR; nothing was deleted.';

/** `fleet reset`: deletes what the fleet keeps in its state folder. Refused while a fleet runs from it. */
export async function reset({ yes }: { readonly yes?: boolean }): Promise<void> {
  const stateDir = stateDirFrom(loadEnvironment());
  if (!existsSync(stateDir)) return print(`${stateDir} does not exist: nothing to delete`);
  refuseOtherFolders(stateDir);
  // Held until the fleet's own is gone, so that no fleet starts in it meanwhile.
  const lock = takeLock(stateDir);
  try {
    if (!yes && !(await confirmed(stateDir))) return print('nothing was deleted');
    for (const name of fleetEntries(stateDir) ?? []) {
      const path = join(stateDir, name);
      if (path !== lockFile(stateDir)) rmSync(path, { recursive: true, force: true });
    }
  } finally {
    lock.release();
  }
  const left = readdirSync(stateDir);
  // Never recursively: what is left is not the fleet's.
  if (left.length === 0) rmdirSync(realpathSync(stateDir));
  const rest = left.length === 0 ? '' : `, except what is not the fleet's (${left.join(', ')})`;
  print(`${stateDir} deleted${rest}; fleet up starts from nothing`);
}

/** FLEET_STATE_DIR is a variable like any other: a slip of the hand must not delete a home folder. */
function refuseOtherFolders(stateDir: string): void {
  // What a link leads to is what would be deleted.
  const never = whyNeverReset(realpathSync(stateDir));
  if (never !== undefined) throw new UsageError(`${stateDir} is never deleted: ${never}`, REMEDY);
  if (fleetEntries(stateDir) !== undefined) return;
  throw new UsageError(`${stateDir} does not look like the state folder of a fleet`, REMEDY);
}

async function confirmed(stateDir: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError('fleet reset needs --yes when nobody can be asked');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(
    `Delete what the fleet keeps in ${stateDir}: all jobs, artefacts and downloads? Type yes: `,
  );
  prompt.close();
  return answer.trim() === 'yes';
}
