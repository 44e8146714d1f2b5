import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fleet, ROOT } from '../fleet';

const QUEUES = ['high', 'standard', 'background', 'scheduled'];

let clone: string;
let first: Fleet;
let second: Fleet | undefined;

beforeAll(async () => {
  clone = mkdtempSync(join(tmpdir(), 'fleet-e2e-clone-'));
  // What git would hand to a newcomer: no node_modules, no build, no state.
  execFileSync('bash', ['-c', `git ls-files -co --exclude-standard -z | tar --null -T - -c | tar -x -C "${clone}"`], {
    cwd: ROOT,
  });
  first = await Fleet.up({ checkout: clone, args: [], readyWithinMs: 600_000 });
}, 660_000);

afterAll(async () => {
  await second?.remove();
  await first.remove();
  rmSync(clone, { recursive: true, force: true });
}, 180_000);

/** Processes that carry this state folder in their environment or command line. */
function processesOf(stateDir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) =>
      ['environ', 'cmdline'].some((file) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(stateDir);
        } catch {
          return false;
        }
      }),
    );
}

it('a packed clone sets itself up, and shows one finished job per queue', async () => {
  expect(existsSync(join(clone, 'node_modules'))).toBe(true);
  for (const queue of QUEUES) expect(first.output).toMatch(new RegExp(`^${queue} +\\w+ +[\\d.]+ m?s `, 'm'));
  expect(first.output).toContain('150 rows, clusters of 62 + 50 + 38, within-cluster sum of squares 78.85');
  const { queues } = await first.get<{ queues: { name: string; activities: { pollers: number } }[] }>('/v1/queues');
  expect(queues.filter(({ activities }) => activities.pollers > 0).map(({ name }) => name)).toEqual(QUEUES);
  const { jobs } = await first.get<{ jobs: { status: string; queue: string }[] }>('/v1/jobs');
  expect(new Set(jobs.filter(({ status }) => status === 'completed').map(({ queue }) => queue))).toEqual(
    new Set(QUEUES),
  );
});

it('a second checkout runs beside it on moved ports', async () => {
  second = await Fleet.up();
  const id = await second.submit('probe', {});
  expect((await second.result(id)).status).toBe('completed');
  expect((await first.request('GET', `/v1/jobs/${id}`)).status).toBe(404);
}, 180_000);

it('Ctrl-C ends with exit code 0 and leaves no process and no lock', async () => {
  expect(processesOf(first.stateDir).length).toBeGreaterThan(6);
  expect(await first.stop('SIGINT')).toBe(0);
  expect(processesOf(first.stateDir)).toEqual([]);
  expect(readdirSync(first.stateDir).filter((name) => /lock|pid|processes/.test(name))).toEqual([]);
  expect((await second?.get<{ status: string }>('/readyz'))?.status).toBe('ready');
}, 120_000);
