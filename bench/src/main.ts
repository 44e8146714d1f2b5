import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { Endings } from './endings';
import type { Line } from './line';
import { lineA } from './line-a';
import { lineB } from './line-b';
import { lineC } from './line-c';
import { lineD } from './line-d';
import { lineE } from './line-e';
import { lineF } from './line-f';
import { lineG } from './line-g';
import { lineH } from './line-h';
import { helpText, parseOptions, type Options } from './options';
import { setStage, type Stage } from './stage';
import { tableOf, verdict, type Row } from './table';

const LINES: readonly Line[] = [lineA, lineB, lineC, lineD, lineE, lineF, lineG, lineH];

const startedAt = performance.now();
const endings = new Endings();

/** Measures what was asked for and prints it; everything it has started is ended, however it ends. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), LINES);
  if (!options) {
    process.stdout.write(`${helpText(LINES)}\n`);
    return 0;
  }
  const cut = new AbortController();
  listenForSignals(cut);
  try {
    const measuring = measureAll(options, (error) => cut.abort(error));
    const rows = await Promise.race([measuring, rejectedOn(cut.signal)]);
    process.stdout.write(options.json ? `${JSON.stringify(report(rows), undefined, 2)}\n` : `${tableOf(rows)}\n`);
    say('done');
    return 0;
  } finally {
    await endings.endAll();
  }
}

async function measureAll({ lines, scale }: Options, fail: (error: Error) => void): Promise<Row[]> {
  const stage: Stage = await setStage({
    namespaces: lines.flatMap(({ namespaces }) => namespaces),
    apps: [...new Set(lines.flatMap(({ apps }) => apps))],
    endings,
    say,
    fail,
  });
  const rows: Row[] = [];
  for (const line of lines) {
    say(`${line.letter}: ${line.about}`);
    rows.push(...(await line.measure(stage, scale)));
  }
  return rows;
}

/** Ctrl-C and a worker that died do not reach the code that happens to wait for something else: it is raced against this. */
function rejectedOn(signal: AbortSignal): Promise<never> {
  const happened = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
  // Once the race is over nobody listens.
  happened.catch(() => undefined);
  return happened;
}

/** The first asks to end, the second does not wait: what still runs is killed. */
function listenForSignals(cut: AbortController): void {
  const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (cut.signal.aborted) process.exit(exitCodes[signal]);
      process.exitCode = exitCodes[signal];
      cut.abort(new Error(`ended by ${signal}`));
    });
  }
}

function report(rows: readonly Row[]): object {
  const { version } = JSON.parse(readFileSync(require.resolve('@temporalio/worker/package.json'), 'utf8')) as {
    version: string;
  };
  const machine = { cpus: cpus().length, node: process.versions.node, sdk: version };
  return { machine, rows: rows.map((row) => ({ ...row, verdict: verdict(row) })) };
}

function say(line: string): void {
  const seconds = (performance.now() - startedAt) / 1000;
  process.stderr.write(`${seconds.toFixed(0).padStart(4)} s  ${line}\n`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(process.exitCode ?? 1);
  },
);
