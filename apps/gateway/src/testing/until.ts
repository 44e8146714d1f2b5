import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition, for 20 s at most. @throws Error when it was never true. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`it never came true: ${String(condition)}`);
    await sleep(50);
  }
}
