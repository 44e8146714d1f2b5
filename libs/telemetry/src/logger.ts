import { pino, type DestinationStream, type Logger } from 'pino';
import { logLevelFrom } from './settings';

export type { Logger };

/**
 * A pino logger that writes one JSON object a line to standard output.
 *
 * @param options.name The app, in every line.
 * @param options.env `FLEET_LOG_LEVEL` sets the level. Default `info`.
 * @throws FleetError `invalid_variable` for an unknown level.
 */
export function createLogger(options: {
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly destination?: DestinationStream;
}): Logger {
  const level = logLevelFrom(options.env);
  const settings = {
    name: options.name,
    level,
    base: { name: options.name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    // A header or key that slips into a log object must not leave the process.
    redact: {
      paths: ['authorization', '*.authorization', 'apiKey', '*.apiKey', 'token', '*.token'],
      censor: '[redacted]',
    },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}
