import { join } from 'node:path';
import { errorText, FleetError, isFleetError } from '@fleet/errors';
import { config } from 'dotenv';
import type { Logger } from './logger';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Loads `.env` of the folder the process was started in into its environment. What is set there already wins.
 *
 * @returns reads the file again: the environment as a new start would find it. @throws FleetError `unreadable_file`
 */
export function loadEnvironment(): () => Environment {
  const given = { ...process.env };
  const path = join(process.cwd(), '.env');
  config({ path, quiet: true });
  return () => {
    const env = { ...given };
    const { error } = config({ path, processEnv: env, quiet: true });
    // Without the file there is what the process was given.
    if (error === undefined || (error as NodeJS.ErrnoException).code === 'ENOENT') return env;
    throw new FleetError('unreadable_file', { variable: '.env', path, reason: errorText(error) });
  };
}

/** What happens when a process is asked to read its settings again. */
export interface ReloadOptions {
  readonly read: () => Environment;
  /** Checks all of it, then puts it in force. What it gives is logged. Throws before anything has changed. */
  readonly apply: (env: Environment) => object;
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

/** Has SIGHUP read the settings again. A value that cannot be used is one line of the log, and all stays as it was. */
export function onReloadRequest({ read, apply, logger }: ReloadOptions): void {
  process.on('SIGHUP', () => {
    try {
      // First: it may be what lets the line be seen.
      const applied = apply(read());
      logger.info(applied, 'the settings were read again');
    } catch (error) {
      const said = isFleetError(error) ? { code: error.code, fields: error.fields } : {};
      logger.error({ ...said, reason: errorText(error) }, 'the settings stay as they were');
    }
  });
}
