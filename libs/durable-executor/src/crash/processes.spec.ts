import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually, pause } from '../conformance/harness';
import { go, journey } from './journey';
import { RESULT, setScene, type Mark, type Scene } from './scene';

let scene: Scene;

beforeAll(async () => void (scene = await setScene(2_500)));
afterAll(() => scene.close());

const idsOf = (name: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${name}-${n}`);
const stepsOf = (marks: readonly Mark[]): number[] => marks.map(({ step }) => step);
const runsOf = (marks: readonly Mark[]): number[] => marks.map(({ runs }) => runs);

async function result(id: string): Promise<string> {
  return (await scene.survivor.getHandle(journey, id)).result();
}

test('three processes on one store never run the same workflow: each effect once, each run in one process', async () => {
  const [mine, theirs, others] = [idsOf('mine', 10), idsOf('theirs', 10), idsOf('others', 10)];
  const hosts: ChildProcess[] = [];
  for (const ids of [theirs, others]) hosts.push(await scene.host({ ids }));
  await Promise.all(mine.map((id) => scene.survivor.execute(journey, { from: 1 }, { id })));
  const all = [...mine, ...theirs, ...others];
  // From outside, whoever owns the run.
  await Promise.all(all.map((id) => scene.survivor.signal(id, go, 'now')));
  expect(await Promise.all(all.map(result))).toEqual(all.map(() => RESULT));
  const owners = [process.pid, ...hosts.map(({ pid }) => pid)];
  for (const [index, ids] of [mine, theirs, others].entries()) {
    for (const id of ids) {
      const marks = await scene.marks(id);
      expect(runsOf(marks)).toEqual([1, 1, 1, 1, 1]);
      expect(marks.map(({ pid }) => pid)).toEqual(marks.map(() => owners[index]));
    }
  }
  for (const host of hosts) host.stdin?.end();
}, 30_000);

test('a caller that ends as soon as execute has answered: another process does the work (fault 8)', async () => {
  const ids = idsOf('left', 5);
  const caller = await scene.host({ ids, leave: true });
  if (caller.exitCode === null) await once(caller, 'exit');
  expect(caller.exitCode).toBe(0);
  await Promise.all(ids.map((id) => scene.survivor.signal(id, go, 'now')));
  expect(await Promise.all(ids.map(result))).toEqual(ids.map(() => RESULT));
  for (const id of ids) expect(stepsOf(await scene.marks(id))).toEqual([1, 2, 3, 4, 5]);
}, 30_000);

test('a process frozen past its lease repeats nothing when it wakes, and writes nothing of what it lost', async () => {
  const id = 'frozen';
  const host = await scene.host({ ids: [id], pauseMs: 1_000 });
  const { runId } = await scene.survivor.getHandle(journey, id);
  // The second step is recorded and the sleep begun: whatever was in hand would be done again, and rightly.
  await eventually(() => entriesOf(runId, 'timer'), 1);
  host.kill('SIGSTOP');
  // Its timer is another's now, who goes on with the third step.
  await eventually(async () => stepsOf(await scene.marks(id)), [1, 2, 3], 15_000);
  await pause(100);
  const journal = await entriesOf(runId);
  // It wakes with its own timer long due: to it, the third step is next.
  host.kill('SIGCONT');
  await pause(1_000);
  expect(await scene.marks(id)).toMatchObject([
    { runs: 1, pid: host.pid },
    { runs: 1, pid: host.pid },
    { runs: 1, pid: process.pid },
  ]);
  expect(await entriesOf(runId)).toBe(journal);
  await scene.survivor.signal(id, go, 'now');
  expect(await result(id)).toBe(RESULT);
  expect(runsOf(await scene.marks(id))).toEqual([1, 1, 1, 1, 1]);
  expect([host.exitCode, host.signalCode]).toEqual([null, null]);
  host.stdin?.end();
}, 30_000);

/** How many entries a journal has, of all types or of one. */
async function entriesOf(runId: string, type: string | null = null): Promise<number> {
  const [row] = await scene.rows.run(
    (sql) => sql<{ n: number }[]>`
      select count(*)::integer as n from durable_entries
      where run_id = ${runId} and (${type}::text is null or type = ${type})`,
  );
  return row?.n ?? 0;
}
