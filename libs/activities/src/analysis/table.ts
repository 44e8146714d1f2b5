import type { ActivityScope } from '../activity-scope';
import type { ActivityStore } from '../activity-store';
import { ownedArtifact } from '../owned-artifact';
import { csvRecords, invalidCsv } from './csv-records';

/** Rows of numbers, one per column asked for. NaN is a missing cell. */
export type NumberRow = readonly number[];

/** What a table turned out to have. */
export interface TableShape {
  readonly rows: number;
  /** Names of the numeric columns to use: those asked for, or all of them. */
  readonly columns: readonly string[];
}

// Numbers beyond it would make squares and their sums infinite, and JSON has no infinity.
const LARGEST = 1e100;
// Between two looks at the signal.
const ROWS_PER_LOOK = 5_000;
const MISSING = new Set(['', 'nan', 'na', 'null']);
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * Reads a stored CSV once, without keeping it, and finds its numeric columns. A column is numeric when each cell that is not
 * missing (empty, NaN, NA or null) is a number, and there is one.
 *
 * @param asked names of columns to use. Default: all numeric ones.
 * @throws FleetError `invalid_csv` naming the line and column; `artifact_not_found`.
 */
export async function inspectTable(
  store: ActivityStore,
  artifactId: string,
  asked: readonly string[] | undefined,
  scope: ActivityScope,
): Promise<TableShape> {
  let columns: ColumnCheck[] = [];
  let rows = 0;
  const read = await openTable(store, artifactId, scope);
  for await (const { line, cells } of read((names) => (columns = names.map((name) => new ColumnCheck(name))))) {
    rows += 1;
    for (const [index, column] of columns.entries()) column.look(cells[index] as string, line);
  }
  if (asked === undefined) {
    const numeric = columns.filter((column) => column.problem === undefined).map(({ name }) => name);
    if (numeric.length === 0) throw invalidCsv('no column has only numbers');
    return { rows, columns: numeric };
  }
  const used = [...new Set(asked)];
  for (const name of used) {
    const problem =
      columns[
        columnIndex(
          columns.map((column) => column.name),
          name,
        )
      ]?.problem;
    if (problem !== undefined) throw invalidCsv(problem);
  }
  return { rows, columns: used };
}

/**
 * The rows of a stored CSV, the numbers of the given columns only.
 *
 * @throws FleetError `invalid_csv` naming the line and column; `artifact_not_found`.
 */
export async function readRows(
  store: ActivityStore,
  artifactId: string,
  columns: readonly string[],
  scope: ActivityScope,
): Promise<number[][]> {
  const rows: number[][] = [];
  let indexes: number[] = [];
  const read = await openTable(store, artifactId, scope);
  for await (const { line, cells } of read((names) => (indexes = columns.map((name) => columnIndex(names, name))))) {
    rows.push(
      indexes.map((cellIndex, i) => {
        const value = toNumber(cells[cellIndex] as string);
        if (typeof value === 'string') throw invalidCsv(place(line, columns[i] as string, value));
        return value;
      }),
    );
  }
  return rows;
}

/** The rows without a missing cell: the only ones that have a place in space. */
export function completeRows(rows: number[][]): number[][] {
  return rows.filter((row) => !row.some(Number.isNaN));
}

async function openTable(store: ActivityStore, artifactId: string, scope: ActivityScope) {
  await ownedArtifact(store, artifactId, scope);
  return async function* (onHeader: (names: readonly string[]) => void) {
    let row = 0;
    for await (const record of csvRecords(store.artifacts.read(artifactId), onHeader)) {
      if (row++ % ROWS_PER_LOOK === 0) scope.signal.throwIfAborted();
      yield record;
    }
    scope.signal.throwIfAborted();
  };
}

/** Watches one column go by. */
class ColumnCheck {
  private numbers = 0;
  private firstBad: string | undefined;

  constructor(readonly name: string) {}

  look(cell: string, line: number): void {
    if (this.firstBad !== undefined) return;
    const value = toNumber(cell);
    if (typeof value === 'string') this.firstBad = place(line, this.name, value);
    else if (!Number.isNaN(value)) this.numbers += 1;
  }

  /** Why it is not numeric; undefined when it is. */
  get problem(): string | undefined {
    return this.firstBad ?? (this.numbers === 0 ? `column "${this.name}" has no numbers` : undefined);
  }
}

function columnIndex(names: readonly string[], name: string): number {
  const index = names.indexOf(name);
  if (index === -1) throw invalidCsv(`it has no column "${name}"; there are: ${names.join(', ').slice(0, 500)}`);
  return index;
}

/** The number in a cell, NaN when it is missing, or in words why it is neither. */
function toNumber(cell: string): number | string {
  const text = cell.trim();
  if (NUMBER.test(text)) {
    const value = Number(text);
    return Math.abs(value) <= LARGEST ? value : `${text.slice(0, 40)} is too large, at most 1e100 counts`;
  }
  return MISSING.has(text.toLowerCase()) ? Number.NaN : `"${text.slice(0, 40)}" is not a number`;
}

function place(line: number, column: string, problem: string): string {
  return `line ${line}, column "${column}": ${problem}`;
}
