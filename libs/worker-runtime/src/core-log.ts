import { ERRORS, isPermanent, type ErrorCode } from '@fleet/errors';
import type { Logger } from '@fleet/telemetry';
import { ApplicationFailure } from '@temporalio/common';
import type { LogLevel } from '@temporalio/worker';

type Fields = Readonly<Record<string, unknown>>;

const PINO_LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** A line of the log. */
interface Line {
  readonly level: (typeof PINO_LEVELS)[LogLevel];
  readonly fields: Fields;
}

/** The logger that Temporal's SDK writes to: its lines, in pino's form. */
export function coreLogger(logger: Logger) {
  const write = (level: LogLevel, message: string, meta: Fields = {}): void => {
    const line = lineOf(level, message, meta);
    logger[line.level](line.fields, message);
  };
  return {
    log: write,
    trace: (message: string, meta?: Fields) => write('TRACE', message, meta),
    debug: (message: string, meta?: Fields) => write('DEBUG', message, meta),
    info: (message: string, meta?: Fields) => write('INFO', message, meta),
    warn: (message: string, meta?: Fields) => write('WARN', message, meta),
    error: (message: string, meta?: Fields) => write('ERROR', message, meta),
  };
}

/**
 * What the fleet fails with on purpose is one line without a stack: of the activity, unless its workflow tells it anyway, or
 * of the workflow. With a task's token anybody could complete the activity, so it stays out of the log.
 */
function lineOf(level: LogLevel, message: string, { taskToken: _token, error, ...fields }: Fields): Line {
  const asIs = PINO_LEVELS[level];
  if (!(error instanceof Error)) return { level: asIs, fields: error === undefined ? fields : { ...fields, error } };
  if (message === 'Activity failed' && error instanceof ApplicationFailure && isCode(error.type)) {
    const expected = { ...fields, code: error.type, reason: error.message };
    if (!isPermanent(error.type)) return { level: asIs, fields: expected };
    return { level: fields['workflowId'] === undefined ? 'info' : 'debug', fields: expected };
  }
  // From the sandbox it comes as a plain error, its class only in the stack, of which a step's failure has none.
  if (message === 'Workflow failed' && /^($|(Application|Activity|ChildWorkflow)Failure: )/.test(error.stack ?? ''))
    return { level: asIs, fields: { ...fields, reason: innermost(error).message } };
  return { level: asIs, fields: { ...fields, err: error } };
}

function isCode(type: string | null | undefined): type is ErrorCode {
  return typeof type === 'string' && Object.hasOwn(ERRORS, type);
}

/** "Activity task failed" says less than what it failed with. */
function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error;
}
