import { loadEnvironment, stateDirFrom } from '../environment';
import { paintFor, type Paint } from '../output/colours';
import { show } from '../output/print';
import { QuietExit } from '../usage-error';
import type { Check } from './check';
import { checkFleet } from './fleet';
import { checkDisk, checkModules, checkNode } from './machine';
import { checkPostgres, checkTemporal } from './servers';

const MARKS = { ok: ['green', '✓'], note: ['yellow', '!'], missing: ['red', '✗'] } as const;

/** `fleet doctor`: what is missing, and the remedy. Exit code 1 when something needed is. */
export async function doctor({ json }: { readonly json?: boolean }): Promise<void> {
  const env = loadEnvironment();
  const stateDir = stateDirFrom(env);
  const [temporal, postgres, fleet] = await Promise.all([
    checkTemporal(env, stateDir),
    checkPostgres(env),
    checkFleet(env),
  ]);
  const checks = [checkNode(), checkModules(), ...temporal, postgres, checkDisk(stateDir), ...fleet];
  const healthy = checks.every(({ state }) => state !== 'missing');
  show(json, { healthy, checks }, () => checks.map((check) => line(check, paintFor(process.stdout))).join('\n'));
  if (!healthy) throw new QuietExit(1);
}

function line({ name, state, detail, remedy }: Check, paint: Paint): string {
  const [colour, mark] = MARKS[state];
  const first = `${paint(colour, mark)} ${name.padEnd(12)}  ${detail}`;
  return remedy ? `${first}\n${' '.repeat(16)}${remedy}` : first;
}
