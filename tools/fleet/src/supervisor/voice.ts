import { paintFor, type Colour, type Paint } from '../output/colours';
import { duration } from '../output/format';
import { isSevere, parseLogLine, renderLogLine } from './log-line';

/** How the supervisor tells what it does: in words for people, or as JSON lines for programs. */
export interface Voice {
  /** A step of the start has ended. `detail`: what came of it. */
  step(name: string, ms: number, detail?: string): void;
  /** Something is under way within a step. */
  progress(name: string, line: string): void;
  /** A line an app wrote. */
  appLine(label: string, line: string): void;
  /** The supervisor's own line in the log. */
  say(level: 'info' | 'warn' | 'error', message: string): void;
  /** Something to read: `text` for people, `data` for programs. */
  block(event: string, data: Readonly<Record<string, unknown>>, text: () => string): void;
  /** From now on every line of an app is shown. Before, only warnings and errors are, so that the start can be read. */
  openLogs(): void;
}

/** Standard output or standard error. */
type Terminal = Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean };

const APP_COLOURS: readonly Colour[] = ['cyan', 'magenta', 'blue', 'green', 'yellow'];
const LABEL_WIDTH = 'worker-background'.length;

/** For people: steps on standard error; addresses, results and the log on standard output. */
export function textVoice(write: Terminal = process.stdout, writeProgress: Terminal = process.stderr): Voice {
  const paint = paintFor(write);
  const paintProgress = paintFor(writeProgress);
  const colours = new Map<string, Colour>();
  let open = false;
  const colourOf = (label: string): Colour => {
    const known = colours.get(label) ?? APP_COLOURS[colours.size % APP_COLOURS.length] ?? 'cyan';
    colours.set(label, known);
    return known;
  };
  const log = (label: string, line: string): void => {
    const entry = parseLogLine(line);
    if (open || isSevere(entry)) write.write(`${renderLogLine(label, entry, paint, colourOf(label), LABEL_WIDTH)}\n`);
  };
  return {
    step: (name, ms, detail = '') => {
      const took = paintProgress('dim', duration(ms).padStart(8));
      writeProgress.write(`${paintProgress('green', '✓')} ${name.padEnd(12)} ${took}  ${detail}`.trimEnd() + '\n');
    },
    progress: (name, line) => void writeProgress.write(`  ${paintProgress('dim', `${name}: ${line}`)}\n`),
    appLine: log,
    say: (level, message) => void write.write(`${ownLine(level, message, paint)}\n`),
    block: (_event, _data, text) => void write.write(`${text()}\n`),
    openLogs: () => (open = true),
  };
}

/** For programs: one JSON object a line on standard output, the apps' own lines untouched. */
export function jsonVoice(write: Terminal = process.stdout): Voice {
  const event = (name: string, data: Readonly<Record<string, unknown>>): void => {
    write.write(`${JSON.stringify({ time: new Date().toISOString(), name: 'fleet', event: name, ...data })}\n`);
  };
  return {
    step: (step, ms, detail) => event('step', { step, ms: Math.round(ms), detail }),
    progress: (step, line) => event('progress', { step, line }),
    appLine: (_label, line) => void write.write(`${line}\n`),
    say: (level, msg) => event('log', { level, msg }),
    block: (name, data) => event(name, data),
    openLogs: () => undefined,
  };
}

function ownLine(level: string, message: string, paint: Paint): string {
  return renderLogLine('fleet', { time: new Date(), level, message, fields: {} }, paint, 'bold', LABEL_WIDTH);
}
