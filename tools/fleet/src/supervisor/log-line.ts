import type { Paint, Colour } from '../output/colours';
import { clock } from '../output/format';

/** What is shown beside the message; the label says name and queue, and who reads a terminal has one host. */
const HIDDEN = new Set(['level', 'time', 'msg', 'name', 'queue', 'hostname', 'pid', 'v', 'err']);
const NUMBERED: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const LEVEL_COLOURS: Readonly<Record<string, Colour>> = { warn: 'yellow', error: 'red', fatal: 'red', info: 'green' };
const SEVERE = new Set(['warn', 'error', 'fatal']);

/** One line of an app's log, understood. */
export interface LogEntry {
  readonly time: Date;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly stack?: string;
}

/** Understands a pino line; any other text becomes an `info` message of now. */
export function parseLogLine(line: string): LogEntry {
  const parsed = asObject(line);
  if (!parsed) return { time: new Date(), level: 'info', message: line, fields: {} };
  const { level, time, msg, err } = parsed;
  const date = new Date(typeof time === 'number' || typeof time === 'string' ? time : Date.now());
  const failure = err as { message?: string; stack?: string } | undefined;
  return {
    time: Number.isNaN(date.getTime()) ? new Date() : date,
    level: levelOf(level),
    message: typeof msg === 'string' ? msg : (failure?.message ?? ''),
    fields: Object.fromEntries(Object.entries(parsed).filter(([key]) => !HIDDEN.has(key))),
    ...(failure?.stack ? { stack: failure.stack } : {}),
  };
}

/** True for a line that must be seen even while the fleet is starting. */
export function isSevere({ level }: LogEntry): boolean {
  return SEVERE.has(level);
}

/**
 * `HH:MM:SS.mmm worker-high INFO message key=value`, with the stack of an error below it.
 *
 * @param width Of the label's column.
 */
export function renderLogLine(
  label: string,
  entry: LogEntry,
  paint: Paint,
  colour: Colour = 'cyan',
  width = 0,
): string {
  const level = entry.level.toUpperCase().padEnd(5);
  const levelColour = LEVEL_COLOURS[entry.level];
  const parts = [
    paint('dim', clock(entry.time)),
    paint(colour, label.padEnd(width)),
    levelColour ? paint(levelColour, level) : level,
    entry.message,
    ...Object.entries(entry.fields).map(([key, value]) => paint('dim', `${key}=${valueText(value)}`)),
  ];
  const stack = entry.stack && isSevere(entry) ? `\n${entry.stack.replaceAll(/^/gm, '    ')}` : '';
  return parts.filter((part) => part !== '').join(' ') + stack;
}

function levelOf(level: unknown): string {
  if (typeof level === 'number') return NUMBERED[level] ?? `level ${level}`;
  return typeof level === 'string' ? level : 'info';
}

function valueText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'undefined';
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

function asObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
