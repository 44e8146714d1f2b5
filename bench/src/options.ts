import { parseArgs } from 'node:util';
import type { Line, Scale } from './line';

/** What the bench was asked for. */
export interface Options {
  readonly lines: readonly Line[];
  readonly scale: Scale;
  readonly json: boolean;
}

/**
 * Reads the command line.
 *
 * @returns undefined when only help was wanted.
 * @throws an error in one line for anything it does not know.
 */
export function parseOptions(args: readonly string[], all: readonly Line[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      rounds: { type: 'string' },
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  return { lines: chosen(values.only, all), scale: scaleOf(values.rounds, values.quick), json: values.json };
}

/** What --help prints. */
export function helpText(all: readonly Line[]): string {
  return [
    'Usage: npm run bench -- [options]',
    '',
    'Measures on servers of its own and prints a table of ratios, each from this one run. Takes about 22 minutes, and wants',
    'the machine for itself: whatever else runs is measured with it.',
    '',
    '  --only a,c   only these lines',
    '  --rounds n   rounds of each comparison (default: each line has its own)',
    '  --quick      one short round of everything, to see that it works; its figures mean nothing',
    '  --json       the table as JSON',
    '',
    ...all.map(({ letter, about }) => `  ${letter}  ${about}`),
    '',
    'Example: npm run bench -- --only a --rounds 12',
  ].join('\n');
}

function chosen(only: string | undefined, all: readonly Line[]): readonly Line[] {
  if (only === undefined) return all;
  const letters = only.split(',').map((letter) => letter.trim());
  const known = all.map(({ letter }) => letter);
  const unknown = letters.find((letter) => !known.includes(letter));
  if (unknown !== undefined) throw new Error(`--only: there is no line "${unknown}"; there are ${known.join(', ')}`);
  return all.filter(({ letter }) => letters.includes(letter));
}

function scaleOf(text: string | undefined, quick: boolean): Scale {
  const rounds = text === undefined ? undefined : Number(text);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1 && rounds <= 100)) {
    throw new Error(`--rounds: a whole number from 1 to 100, not "${text}"`);
  }
  return {
    rounds: (usual) => rounds ?? (quick ? 1 : usual),
    count: (usual) => (quick ? Math.ceil(usual / 10) : usual),
    seconds: (usual) => (quick ? Math.ceil(usual / 3) : usual),
  };
}
