/** Jest's global tear-down: ends the servers that start.ts started, and waits for them. */
export default async function stop(): Promise<void> {
  const child = globalThis.fleetTestServices;
  if (!child || child.exitCode !== null) return;
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.stdin?.end();
  });
}
