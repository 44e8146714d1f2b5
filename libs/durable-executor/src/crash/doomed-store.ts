import type { Append, JournalStore } from '../journal-store';

/** When a process kills itself (SIGKILL). */
export interface Doom {
  /** Before or after its n-th write of journals, or after its n-th entry, each written alone; `never` for one that lives. */
  readonly when: 'before' | 'after' | 'entry' | 'never';
  readonly n: number;
}

/** The store, with an end at that write. */
export function doomedStore(store: JournalStore, { when, n }: Doom): JournalStore {
  let writes = 0;
  const one = async (write: Append, host: string): Promise<boolean> => {
    writes += 1;
    if (when === 'before' && writes === n) process.kill(process.pid, 'SIGKILL');
    const written = await store.append(write, host);
    if ((when === 'after' || when === 'entry') && writes === n) process.kill(process.pid, 'SIGKILL');
    return written;
  };
  const append = async (write: Append, host: string): Promise<boolean> => {
    for (const part of when === 'entry' ? apart(write) : [write]) if (!(await one(part, host))) return false;
    return true;
  };
  return new Proxy(store, {
    get: (target, key) => {
      if (key === 'append') return append;
      const value = Reflect.get(target, key) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** A write in as many as it has entries: more boundaries than there are. What must be one stays one: a signal and its receipt. */
function apart(write: Append): Append[] {
  const { entries, closing, ...rest } = write;
  const nothing = { consumed: [], outcomes: [] };
  const receipt = Math.max(
    0,
    entries.findIndex(({ type }) => type === 'signal'),
  );
  return entries.map((entry, index) => ({
    ...rest,
    ...(index === receipt ? {} : nothing),
    ...(index === entries.length - 1 && closing && { closing }),
    entries: [entry],
  }));
}
