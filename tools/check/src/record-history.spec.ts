import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

function recordHistory(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const clean = Object.entries(process.env).filter(([name]) => !/^(FLEET_|TEMPORAL_)/.test(name));
  return spawnSync(join(ROOT, 'node_modules/.bin/tsx'), [join(__dirname, 'record-history.ts'), ...args], {
    env: { ...Object.fromEntries(clean), ...env },
    encoding: 'utf8',
  });
}

it('says what it needs, without a stack trace', () => {
  const { status, stderr } = recordHistory([]);
  expect(stderr).toMatch(/^error: a workflow id is missing\n.*record-history\.ts <workflow id>\n$/);
  expect(status).toBe(2);
});

it('asks the server of this checkout, whose port the variables move', () => {
  // 50,000 above nothing listens.
  const { status, stderr } = recordHistory(['x'], { FLEET_PORT_OFFSET: '50000' });
  expect(stderr).toMatch(
    /^error: Connecting to Temporal at 127\.0\.0\.1:57233 failed: .*\n.*\n  code: setup_failed\n$/,
  );
  expect(status).toBe(1);
});
