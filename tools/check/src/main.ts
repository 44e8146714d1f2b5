import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

interface Tally {
  passed: number;
  failed: number;
}

/**
 * The whole proof, in one command: lint and import table, format, types, the project graph against its table, and every
 * test. Each tool counts as one check; each test as one. Ends with the line `N passed, N failed`.
 */
function main(args: readonly string[]): void {
  const tally: Tally = { passed: 0, failed: 0 };
  const only = args.length > 0;
  if (!only) {
    check(tally, 'lint and import table', 'oxlint', ['apps', 'libs', 'tools', 'bench', 'e2e', 'examples']);
    check(tally, 'format', 'prettier', ['--check', '--log-level', 'warn', '.']);
    check(tally, 'types', 'nx', ['run-many', '-t', 'typecheck', '--outputStyle=static']);
    check(tally, 'project graph', 'tsx', ['tools/check/src/project-graph.ts']);
  }
  if (only) runJest(tally, 'tests', args);
  else {
    runJest(tally, 'tests', ['--roots', ...['apps', 'libs', 'tools', 'bench'].map((folder) => join(ROOT, folder))]);
    // About rates, or busy for as long as they last: they would disturb each other.
    runJest(tally, 'whole fleets, one at a time', ['--runInBand', '--roots', join(ROOT, 'e2e/src/alone')]);
    // These wait more than they work.
    const others = ['--roots', join(ROOT, 'e2e'), '--testPathIgnorePatterns', '/node_modules/', '/e2e/src/alone/'];
    runJest(tally, 'whole fleets', others);
  }
  process.stdout.write(`${tally.passed} passed, ${tally.failed} failed\n`);
  process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;
}

function check(tally: Tally, title: string, command: string, args: readonly string[]): void {
  const startedAt = Date.now();
  process.stdout.write(`\n== ${title}\n`);
  const ok = run(command, args) === 0;
  process.stdout.write(`== ${title}: ${ok ? 'ok' : 'FAILED'} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)\n`);
  if (ok) tally.passed += 1;
  else tally.failed += 1;
}

function runJest(tally: Tally, title: string, args: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-check-'));
  const report = join(folder, 'report.json');
  process.stdout.write(`\n== ${title}\n`);
  run('jest', ['--config', 'jest.config.js', '--json', `--outputFile=${report}`, ...args]);
  try {
    const result = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
    tally.passed += result.numPassedTests;
    // A suite that cannot even load has no tests to count; a skipped test is no proof.
    tally.failed += result.numFailedTests + result.numRuntimeErrorTestSuites + result.numPendingTests;
  } catch {
    process.stdout.write('the tests did not run: see above\n');
    tally.failed += 1;
  }
  rmSync(folder, { recursive: true, force: true });
}

interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

function run(command: string, args: readonly string[]): number {
  const child = spawnSync(join(ROOT, 'node_modules/.bin', command), args, {
    cwd: ROOT,
    // jest's --json prints the report on standard output as well; people read its standard error.
    stdio: ['ignore', command === 'jest' ? 'ignore' : 'inherit', 'inherit'],
    env: { ...process.env, NX_DAEMON: 'false', FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
  });
  return child.status ?? 1;
}

main(process.argv.slice(2));
