import { oneAtATime, throughput } from '../load';
import { serve } from '../serve';
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

/** Measures three steps in a contestant's own process. */
export function serveSteps(start: () => Promise<RunOne>): void {
  serve(async () => {
    const one = await start();
    return (ask: Ask) => measure(ask, one);
  });
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
