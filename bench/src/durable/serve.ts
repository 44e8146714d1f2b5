import { oneAtATime, throughput } from '../load';
import { quantile } from '../statistics';

/** What a contestant is asked to measure. */
export interface Ask {
  /** How it is to be run, where there are several ways. */
  readonly mode: string;
  readonly count: number;
  readonly parallel: number;
  /** How long each step waits; 0 except for a control. */
  readonly waitMs: number;
}

/** What it measured. */
export interface Answer {
  readonly perSecond: number;
  /** Milliseconds from asking to the result; meaningful one at a time only. */
  readonly p50: number;
}

/** Enqueues one workflow of three steps and waits for its result. */
export type RunOne = (ask: Ask) => Promise<number>;

/**
 * The side of a contestant's own process: answers what it is asked, until it is ended. The load comes from the same process,
 * as with a service that enqueues its own work.
 */
export function serve(start: () => Promise<RunOne>): void {
  listen(start).catch(die);
}

async function listen(start: () => Promise<RunOne>): Promise<void> {
  const one = await start();
  process.on('message', (ask: Ask) => void measure(ask, one).then((answer) => process.send?.(answer), die));
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
}

async function measure(ask: Ask, one: RunOne): Promise<Answer> {
  const piece = async (): Promise<void> => {
    const result = await one(ask);
    if (result !== 3) throw new Error(`three steps gave ${result}`);
  };
  if (ask.parallel > 1) return { perSecond: await throughput(ask.count, ask.parallel, piece), p50: Number.NaN };
  const times = await oneAtATime(ask.count, piece);
  return { perSecond: Number.NaN, p50: quantile(times, 0.5) };
}

function die(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
