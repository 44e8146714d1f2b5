import type { Row } from './table';
import type { Stage } from './stage';

/** How much is measured. */
export interface Scale {
  /** Rounds of each line, unless the caller asked for a number. */
  rounds(usual: number): number;
  /** Pieces of work in a round; a tenth when only the bench itself is tried out. */
  count(usual: number): number;
  /** Length of a phase; shorter when only the bench itself is tried out. */
  seconds(usual: number): number;
}

/** One letter of the bench: what it needs, and how it is measured. Whatever it starts it ends. */
export interface Line {
  readonly letter: string;
  /** What it shows, for --help. */
  readonly about: string;
  /** Made when the server starts. Each contestant has its own, so that all can poll a queue of the same name. */
  readonly namespaces: readonly string[];
  /** Built before. */
  readonly apps: readonly string[];
  measure(stage: Stage, scale: Scale): Promise<Row[]>;
}
