/** What the work gives, or the signal's reason as soon as it aborts; the work is then left to itself. */
export async function untilAborted<Result>(
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  const working = work();
  try {
    return await Promise.race([working, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
    working.catch(() => undefined);
  }
}
