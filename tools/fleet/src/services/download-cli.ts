import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LIMIT_MS = 15 * 60_000;
const LINE_EVERY_MS = 5_000;

/** A path, or why there is none. */
export type Made = { readonly path: string } | { readonly reason: string };

/** Runs in a process of its own: the SDK's download cannot be cancelled, a process can. It honours the proxy variables. */
const SCRIPT = `
const { TestWorkflowEnvironment } = require(process.argv[1]);
TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'cached-download', downloadDir: process.argv[2] } } })
  .then((env) => env.teardown())
  .then(() => process.exit(0), (error) => { console.error(String(error.message)); process.exit(1); });
`;

/** True for the name the SDK gives to the CLI it downloads. */
export function isSdkDownload(name: string): boolean {
  return name.startsWith('temporal-sdk-typescript-') && !name.endsWith('.downloading');
}

/**
 * Lets the Temporal SDK download the CLI into `folder`, as its own tests do.
 *
 * @param stallMs Given up after this many milliseconds without a byte. Offline it fails at once: the name does not resolve.
 * @param onLine Told the progress every 5 s.
 * @returns the path, or the reason for the failure; never throws.
 */
export function downloadCli(
  folder: string,
  stallMs: number,
  onLine: (line: string) => void,
  env: NodeJS.ProcessEnv,
): Promise<Made> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['-e', SCRIPT, require.resolve('@temporalio/testing'), folder], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    let stalled = false;
    const stopWatching = watchGrowth(folder, stallMs, onLine, () => {
      stalled = true;
      child.kill('SIGKILL');
    });
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('error', (error) => (errors += error.message));
    child.once('close', () => {
      process.off('exit', kill);
      stopWatching();
      if (stalled) clearPartial(folder);
      const name = existsSync(folder) ? readdirSync(folder).find(isSdkDownload) : undefined;
      if (name) return resolve({ path: join(folder, name) });
      resolve({ reason: stalled ? `nothing was received for ${stallMs / 1000} s` : shorten(errors) });
    });
  });
}

/** Watches the size of the folder, which is all that can be seen of the SDK's progress. */
function watchGrowth(folder: string, stallMs: number, onLine: (line: string) => void, onStall: () => void): () => void {
  const start = Date.now();
  let size = folderSize(folder);
  let grownAt = start;
  let lineAt = start;
  const timer = setInterval(() => {
    const now = Date.now();
    const grown = folderSize(folder);
    if (grown !== size) [size, grownAt] = [grown, now];
    if (now - grownAt > stallMs || now - start > LIMIT_MS) return onStall();
    if (now - lineAt < LINE_EVERY_MS) return undefined;
    lineAt = now;
    return onLine(`downloading the Temporal CLI: ${Math.round((now - start) / 1000)} s`);
  }, 250);
  return () => clearInterval(timer);
}

function folderSize(folder: string): number {
  if (!existsSync(folder)) return 0;
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A later attempt would wait for a download that nobody continues. */
function clearPartial(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.endsWith('.downloading')) rmSync(join(folder, name), { force: true });
  }
}

/** The SDK repeats its request's address in each layer of the error; the innermost cause is the last. */
function shorten(errors: string): string {
  const text = errors.trim().split('\n').pop() ?? '';
  return /client error.*$/.exec(text)?.[0] ?? (text.slice(0, 200) || 'no reason given');
}
