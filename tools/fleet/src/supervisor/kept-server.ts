import { errorText } from '@fleet/errors';
import { setTimeout as delay } from 'node:timers/promises';
import { duration } from '../output/format';
import type { Session } from './session';

/** Temporal or Postgres, as their starters give them back. */
export interface Server {
  readonly pid: number;
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

const FIRST_DELAY_MS = 500;
const MOST_DELAY_MS = 30_000;
/** How long the end of the session waits for a start that is under way; after that its process is killed. */
const PENDING_MS = 5000;

/**
 * Starts a server and keeps it: when it ends by itself it is started again on the same data. It is stopped with the session.
 *
 * @throws whatever its first start throws; later ones are tried again with growing delays.
 */
export async function keepServer<S extends Server>(
  { voice, stopping, onStop }: Pick<Session, 'voice' | 'stopping' | 'onStop'>,
  name: string,
  start: () => Promise<S>,
): Promise<S> {
  let current = start();
  onStop(async () => {
    // Unreferenced: a start that never settles must not hold the process either.
    const server = await Promise.race([current.catch(() => undefined), delay(PENDING_MS, undefined, { ref: false })]);
    await server?.stop();
  });
  const first = await current;
  void keep(first);
  return first;

  async function keep(server: S): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      const how = failures === 0 ? await server.exited : 'could not be started';
      if (stopping.aborted) return;
      const delayMs = Math.min(MOST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures);
      voice.say('warn', `${name}: ${how}; starting again in ${duration(delayMs)}`);
      await delay(delayMs);
      if (stopping.aborted) return;
      current = start();
      try {
        const next = await current;
        voice.say('info', `${name} is back`);
        return await keep(next);
      } catch (error) {
        voice.say('error', `${name}: ${errorText(error)}`);
      }
    }
  }
}
