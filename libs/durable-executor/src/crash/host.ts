// A process of the crash test: resumes what it finds, and kills itself (SIGKILL) before or after its n-th write of journals.
import { createLocalExecutor } from '../executors/local';
import type { Append, JournalStore } from '../journal-store';
import { openPostgresStore } from '../stores/postgres';
import { journey, journeyActivities } from './journey';

const [url = '', killAt = '0', when = 'never', startId = ''] = process.argv.slice(2);

const die = (): void => void process.kill(process.pid, 'SIGKILL');

/** The store, with an end at its n-th write. */
function dying(store: JournalStore): JournalStore {
  let writes = 0;
  const append = async (write: Append, host: string): Promise<boolean> => {
    writes += 1;
    if (when === 'before' && writes === Number(killAt)) die();
    const written = await store.append(write, host);
    if (when === 'after' && writes === Number(killAt)) die();
    return written;
  };
  return new Proxy(store, {
    get: (target, key) => {
      if (key === 'append') return append;
      const value = Reflect.get(target, key) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function main(): Promise<void> {
  const { activities } = journeyActivities(url);
  const executor = createLocalExecutor({
    store: dying(openPostgresStore({ url, maxConnections: 2 })),
    workflows: [journey],
    activities,
    lease: 600,
  });
  await executor.resume();
  if (startId !== '') await executor.execute(journey, { from: 1 }, { id: startId });
  process.stdout.write('ready\n');
  process.stdin.on('end', () => process.exit(0)).resume();
}

void main();
