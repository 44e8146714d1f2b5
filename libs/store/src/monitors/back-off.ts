import type { MonitorFailureClass } from './row';

/** How long a monitor waits after failed runs in a row: `first` after one, `factor` times as long after each further one. */
export interface BackOff {
  /** Seconds. */
  readonly first: number;
  readonly factor: number;
  /** Seconds. */
  readonly longest: number;
}

/** THE TABLE of the waits after a failed run, by what it failed with. */
export const BACK_OFF: Readonly<Record<MonitorFailureClass, BackOff>> = {
  rate_limit: { first: 30, factor: 4, longest: 3600 },
  timeout: { first: 10, factor: 3, longest: 300 },
  network: { first: 10, factor: 3, longest: 300 },
  agent: { first: 60, factor: 3, longest: 900 },
  other: { first: 300, factor: 3, longest: 3600 },
};
