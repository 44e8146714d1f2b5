/**
 * The value of the promise if it is there in time.
 *
 * @param ms Milliseconds.
 * @throws Error `no answer within ... ms`.
 */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A function whose answer is kept for a while, and which runs once however many ask at the same time. */
export function cached<T>(ttlMs: number, load: () => Promise<T>): () => Promise<T> {
  let latest: Promise<T> | undefined;
  let goodUntil = 0;
  return () => {
    if (latest === undefined || Date.now() >= goodUntil) {
      goodUntil = Number.POSITIVE_INFINITY;
      const mine = load();
      latest = mine;
      const settled = (): void => {
        goodUntil = Date.now() + ttlMs;
      };
      mine.then(settled, settled);
    }
    return latest;
  };
}
