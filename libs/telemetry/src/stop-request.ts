/**
 * Calls `onStop` when the process is asked to end: SIGTERM, SIGINT, or, with `FLEET_SUPERVISED=1`, the end of standard
 * input, which the supervisor holds open and which closes when it is gone. Each further signal calls it again; the end of standard input after the first does not:
 * a supervisor that has asked may go before the drain is over.
 */
export function onStopRequest(
  env: Readonly<Record<string, string | undefined>>,
  onStop: (reason: string) => void,
): void {
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      asked = true;
      onStop(signal);
    });
  }
  if (env['FLEET_SUPERVISED'] !== '1') return;
  const supervisorGone = (): void => {
    if (!asked) onStop('the supervisor is gone');
    asked = true;
  };
  process.stdin.on('end', supervisorGone).on('error', supervisorGone).resume();
}
