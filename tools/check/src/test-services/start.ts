import { spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = resolve(__dirname, '../../../..');

declare global {
  // Set by start, read by stop: jest runs both in one process.
  var fleetTestServices: ChildProcess | undefined;
}

/**
 * Jest's global set-up: starts the servers that every spec shares and names them in FLEET_TEST_TEMPORAL_ADDRESS and
 * FLEET_TEST_DATABASE_URL. Does nothing when both are set already.
 */
export default async function start(): Promise<void> {
  if (process.env['FLEET_TEST_TEMPORAL_ADDRESS'] && process.env['FLEET_TEST_DATABASE_URL']) return;
  const child = spawn(join(ROOT, 'node_modules/.bin/tsx'), [join(__dirname, 'serve.ts')], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  globalThis.fleetTestServices = child;
  const { temporal, postgres } = await firstLine(child);
  process.env['FLEET_TEST_TEMPORAL_ADDRESS'] = temporal;
  process.env['FLEET_TEST_DATABASE_URL'] = postgres;
}

function firstLine(child: ChildProcess): Promise<{ temporal: string; postgres: string }> {
  return new Promise((done, fail) => {
    child.once('exit', (code) => fail(new Error(`the test services ended with code ${code}; see the lines above`)));
    if (!child.stdout) return fail(new Error('no standard output'));
    createInterface(child.stdout).once('line', (line) =>
      done(JSON.parse(line) as { temporal: string; postgres: string }),
    );
  });
}
