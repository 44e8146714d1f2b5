import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres } from '@fleet/fleet-cli/services/postgres';
import { startTemporal } from '@fleet/fleet-cli/services/temporal';

/**
 * One Temporal server and one Postgres for a whole test run, in a folder of their own under the system's temporary folder.
 * Prints one JSON line with their addresses, and stops both when standard input ends: a killed test run leaves nothing.
 */
async function serve(): Promise<void> {
  const stateDir = mkdtempSync(join(tmpdir(), 'fleet-test-'));
  const [temporalPort, uiPort, postgresPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const [temporal, postgres] = await Promise.all([
    startTemporal({ stateDir, port: temporalPort, uiPort, namespace: 'default', onLine, extraSettings }),
    startPostgres({ stateDir, port: postgresPort, onLine }),
  ]);
  process.stdout.write(`${JSON.stringify({ temporal: temporal.address, postgres: postgres.url })}\n`);
  const stop = async (): Promise<void> => {
    await Promise.allSettled([temporal.stop(), postgres.stop()]);
    rmSync(stateDir, { recursive: true, force: true });
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
  process.stdin.on('end', () => void stop()).resume();
}

/** Specs let hours pass in a moment (@fleet/temporal-client/test-time). */
const extraSettings = { 'frontend.WorkflowTimeSkippingEnabled': true };
const onLine = (line: string): void => void process.stderr.write(`${line}\n`);

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

void serve().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
