const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Calls `first` on the first signal to stop and `again` on each later press. Under `npm start` one Ctrl-C arrives twice,
 * from the terminal and passed on by npm: signals within `togetherMs` of one another are one press.
 *
 * @returns takes the handlers away again.
 */
export function onStopSignals(first: (signal: string) => void, again: () => void, togetherMs = 1000): () => void {
  let presses = 0;
  let last = -Infinity;
  const onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    const samePress = now - last < togetherMs;
    last = now;
    if (samePress) return;
    presses += 1;
    if (presses === 1) first(signal);
    else again();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
}
