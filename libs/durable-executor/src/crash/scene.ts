// What the crash tests share: a database, a process that survives, and those that do not.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openDatabase, type Database } from '@fleet/store/database';
import { createTestDatabase } from '@fleet/store/test-database';
import { createLocalExecutor, type LocalExecutor } from '../executors/local';
import { openPostgresStore } from '../stores/postgres';
import type { HostOrder } from './host';
import { journey, journeyActivities } from './journey';

/** What every journey ends with, whoever took part in it. */
export const RESULT = '5 now 36 true true';

/** One effect: a step, and how often its activity ran. */
export interface Mark {
  readonly step: number;
  readonly runs: number;
  /** The process whose run made it. */
  readonly pid: number;
}

/** Everything a crash test stands on. */
export interface Scene {
  readonly url: string;
  readonly rows: Database;
  readonly survivor: LocalExecutor;
  /** Starts a process. Resolves when its journeys are started, or it has died. */
  host(order: Partial<HostOrder>): Promise<ChildProcess>;
  marks(id: string): Promise<readonly Mark[]>;
  close(): Promise<void>;
}

/** Sets the scene. @param lease Of every process, milliseconds: those that must not lose it need longer than a busy machine stalls. */
export async function setScene(lease = 600): Promise<Scene> {
  const database = await createTestDatabase();
  const { url } = database;
  const rows = openDatabase({ url, maxConnections: 1 });
  await rows.run(
    (sql) =>
      sql`create table marks (workflow_id text, step integer, key text primary key, pid integer, runs integer default 1)`,
  );
  const activities = journeyActivities(url);
  const store = openPostgresStore({ url });
  const survivor = createLocalExecutor({ store, workflows: [journey], activities: activities.activities, lease });
  await survivor.resume();
  const children: ChildProcess[] = [];
  return {
    url,
    rows,
    survivor,
    async host(order) {
      const all: HostOrder = { url, when: 'never', n: 0, ids: [], lease, ...order };
      const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'host.ts'), JSON.stringify(all)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      children.push(child);
      await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
      return child;
    },
    marks: async (id) =>
      rows.run((sql) => sql<Mark[]>`select step, runs, pid from marks where workflow_id = ${id} order by step`),
    async close() {
      for (const child of children) child.kill('SIGKILL');
      await survivor.close();
      for (const open of [store, activities, rows]) await open.close();
      await database.drop();
    },
  };
}
