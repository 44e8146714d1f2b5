interface Looks<T> {
  /** Under way. */
  readonly now: Promise<T>;
  /** Begins when that is done. */
  next?: Promise<T>;
}

/**
 * Looks at one thing at a time for each key: whoever comes while a look is under way shares the next one with all who
 * do. No answer is older than its question, and a hundred who ask at once cost two looks.
 */
export function sharedLook<T>(look: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const looks = new Map<string, Looks<T>>();
  const begin = (key: string): Promise<T> => {
    const begun: Looks<T> = { now: look(key) };
    looks.set(key, begun);
    const forget = (): void => {
      if (looks.get(key) === begun && !begun.next) looks.delete(key);
    };
    begun.now.then(forget, forget);
    return begun.now;
  };
  return (key) => {
    const current = looks.get(key);
    if (!current) return begin(key);
    const again = (): Promise<T> => begin(key);
    current.next ??= current.now.then(again, again);
    return current.next;
  };
}
