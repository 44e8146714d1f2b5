import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

/** Runs a worker as a process until it ends. Neither server exists: what it may not use it must not even look for. */
function worker(own: Readonly<Record<string, string>>) {
  const main = resolve(ROOT, 'apps/worker-high/src/main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], TEMPORAL_ADDRESS: '127.0.0.1:1', ...own },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const database = (name: string): string => `postgres://fleet:secret-word@127.0.0.1:1/${name}`;

it.each([
  ['TEMPORAL_NAMESPACE', { TEMPORAL_NAMESPACE: 'torale-prod.abc123', DATABASE_URL: database('fleet') }],
  ['DATABASE_URL', { DATABASE_URL: database('fleet_prod') }],
  ['TEMPORAL_NAMESPACE', { FLEET_ENVIRONMENT: 'production', DATABASE_URL: database('fleet_prod') }],
])('a worker whose %s is of another environment says so in one line and ends', (variable, own) => {
  const { status, stdout, stderr } = worker(own);
  expect(stderr).toMatch(new RegExp(`^environment_mismatch: ${variable} must be .*\n$`));
  expect(`${stdout}${stderr}`).not.toContain('secret-word');
  expect(status).toBe(1);
});
