import type { Command } from 'commander';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../environment';
import { QuietExit } from '../usage-error';
import { command } from './command';

/** `fleet check` and `fleet bench`: programs of their own, which get the rest of the line as it is. */
export function delegatedCommands(): readonly Command[] {
  return [
    passedOn('check', 'Run the whole proof: lint, types, tests, end to end', 'tools/check/src/main.ts'),
    passedOn('bench', 'Measure, and print a table of ratios', 'bench/src/main.ts'),
  ];
}

function passedOn(name: string, description: string, source: string): Command {
  return command(name, description, `fleet ${name}`)
    .argument('[arguments...]', 'passed on')
    .allowUnknownOption()
    .passThroughOptions()
    .action((args: readonly string[]) => runSource(join(ROOT, source), args));
}

/** Runs a TypeScript program in a process of its own and ends with its exit code. */
async function runSource(path: string, args: readonly string[]): Promise<void> {
  const tsx = pathToFileURL(createRequire(join(ROOT, 'package.json')).resolve('tsx')).href;
  const child = spawn(process.execPath, ['--import', tsx, path, ...args], { cwd: ROOT, stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child too; only a signal to this process alone has to be passed on.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => resolve(exitCode ?? (signal === 'SIGINT' ? 130 : 143)));
  });
  if (code !== 0) throw new QuietExit(code);
}
