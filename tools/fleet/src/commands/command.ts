import { Command } from 'commander';
import { loadEnvironment } from '../environment';
import { GatewayApi } from '../gateway-api';

/** A command with one line of description and an example below its help. */
export function command(name: string, description: string, ...examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ ${example}`).join('\n');
  return new Command(name)
    .description(description)
    .addHelpText('after', `\n${examples.length > 1 ? 'Examples' : 'Example'}:\n${lines}`);
}

/** A command that reads: it takes `--json`. */
export function readingCommand(name: string, description: string, ...examples: readonly string[]): Command {
  return command(name, description, ...examples).option('--json', 'print the whole answer as JSON');
}

/** What every reading command takes. */
export interface ReadingOptions {
  readonly json?: boolean;
}

/** The gateway this shell means. */
export function gateway(): GatewayApi {
  return new GatewayApi(loadEnvironment());
}

/** Path of a job, or of something below it. */
export function jobPath(id: string, below = ''): string {
  return `/v1/jobs/${encodeURIComponent(id)}${below}`;
}
