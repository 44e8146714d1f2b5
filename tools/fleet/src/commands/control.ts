import type { Command } from 'commander';
import { parseJson } from '../arguments';
import { print, show } from '../output/print';
import { UsageError } from '../usage-error';
import { command, gateway, jobPath, readingCommand, type ReadingOptions } from './command';
import { retry } from './submit';

/** The commands that change a job, and `fleet query`, which asks the running workflow itself. */
export function controlCommands(): readonly Command[] {
  return [
    command('cancel', 'Ask a job to stop; it may clean up first', 'fleet cancel monthly-report --reason "wrong file"')
      .argument('<id>')
      .option('--reason <text>', 'kept in its history')
      .action((id: string, options: Reason) => end(id, 'cancel', options)),
    command('terminate', 'Stop a job at once, without clean-up', 'fleet terminate monthly-report --reason stuck')
      .argument('<id>')
      .option('--reason <text>', 'kept in its history')
      .action((id: string, options: Reason) => end(id, 'terminate', options)),
    readingCommand('retry', 'Start a job that has ended again, with the same input', 'fleet retry monthly-report')
      .argument('<id>')
      .action(retry),
    command('signal', 'Send a signal to a running workflow', `fleet signal order-17 approve --args '["yes"]'`)
      .argument('<id>')
      .argument('<name>', 'fleet workflows <workflow> lists its signals')
      .option('--args <json>', 'its arguments as a JSON array, or @file', '[]')
      .action(signal),
    readingCommand('query', 'Ask a workflow something', 'fleet query monthly-report progress')
      .argument('<id>')
      .argument('<name>', 'fleet workflows <workflow> lists its queries')
      .action(query),
  ];
}

interface Reason {
  readonly reason?: string;
}

async function end(id: string, verb: 'cancel' | 'terminate', { reason }: Reason): Promise<void> {
  await gateway().json('POST', jobPath(id, `/${verb}`), { body: reason === undefined ? {} : { reason } });
  print(verb === 'cancel' ? `${id}: cancellation requested` : `${id}: terminated`);
}

async function signal(id: string, name: string, options: { readonly args: string }): Promise<void> {
  const args = parseJson(options.args, '--args');
  if (!Array.isArray(args)) throw new UsageError('--args must be a JSON array', `For one argument: --args '["yes"]'.`);
  await gateway().json('POST', jobPath(id, `/signal/${encodeURIComponent(name)}`), { body: { args } });
  print(`${id}: ${name} sent`);
}

async function query(id: string, name: string, options: ReadingOptions): Promise<void> {
  const answer = await gateway().json<{ result?: unknown }>('GET', jobPath(id, `/query/${encodeURIComponent(name)}`));
  show(options.json, answer, () => JSON.stringify(answer.result ?? null, null, 2));
}
