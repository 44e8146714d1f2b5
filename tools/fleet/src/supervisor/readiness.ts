import { errorText, FleetError } from '@fleet/errors';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What is waited for. */
export interface Readiness {
  readonly label: string;
  /** Address of its /readyz, or `smtp://` where it greets. */
  readonly url: string;
  /** Resolves when its process has ended, which ends the wait. */
  readonly ended: Promise<string>;
  /** What it said before it ended. */
  readonly lastWords: () => string;
}

const ASK_EVERY_MS = 100;
const TELL_EVERY_MS = 10_000;

/**
 * Waits until /readyz answers 200, or a mail server 220.
 *
 * @param limitMs Milliseconds, default 120,000.
 * @throws FleetError `setup_failed` when the app ends first, or is not ready by then; with what it said.
 */
export async function untilReady(app: Readiness, onLine: (line: string) => void, limitMs = 120_000): Promise<void> {
  let how: string | undefined;
  void app.ended.then((ended) => (how = ended));
  const started = performance.now();
  let told = started;
  let reason = 'no answer yet';
  while (performance.now() - started < limitMs) {
    if (how !== undefined) throw failure(app, `it ${how}: ${app.lastWords() || 'it said nothing'}`);
    reason = await (app.url.startsWith('smtp:') ? greet(app.url) : ask(app.url));
    if (reason === 'ready') return;
    if (performance.now() - told > TELL_EVERY_MS) {
      told = performance.now();
      onLine(`${app.label} is not ready yet: ${reason}`);
    }
    await delay(ASK_EVERY_MS);
  }
  throw failure(app, `not ready after ${limitMs / 1000} s: ${reason}`);
}

/** `ready`, or why not. */
async function ask(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3000) });
    const text = await response.text();
    return response.ok ? 'ready' : `${response.status} ${text.slice(0, 300)}`.trim();
  } catch (error) {
    return errorText(error instanceof Error && error.cause ? error.cause : error);
  }
}

/** `ready`, or why not. */
async function greet(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    const [greeting] = (await once(socket, 'data', { signal: AbortSignal.timeout(3000) })) as [Buffer];
    const text = greeting.toString();
    return text.startsWith('220 ') ? 'ready' : text.slice(0, 300).trim();
  } catch (error) {
    return errorText(error);
  } finally {
    socket.destroy();
  }
}

function failure({ label }: Readiness, reason: string): FleetError {
  return new FleetError('setup_failed', { step: `Starting ${label}`, reason });
}
