/**
 * Calls `onStop` when the process is asked to end: SIGTERM, SIGINT, or, with `FLEET_SUPERVISED=1`, the end of standard
 * input, which the supervisor holds open and which closes when it is gone. Each further signal calls it again.
 */
export function onStopRequest(
  env: Readonly<Record<string, string | undefined>>,
  onStop: (reason: string) => void,
): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => onStop(signal));
  if (env['FLEET_SUPERVISED'] !== '1') return;
  let gone = false;
  const supervisorGone = (): void => {
    if (!gone) onStop('the supervisor is gone');
    gone = true;
  };
  process.stdin.on('end', supervisorGone).on('error', supervisorGone).resume();
}
