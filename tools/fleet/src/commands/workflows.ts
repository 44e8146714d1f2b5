import { FleetError } from '@fleet/errors';
import type { Command } from 'commander';
import type { WorkflowEntry } from '../gateway-contract';
import { show } from '../output/print';
import { fields, table } from '../output/table';
import { gateway, readingCommand, type ReadingOptions } from './command';

/** `fleet workflows [name]`. */
export function workflowsCommand(): Command {
  return readingCommand('workflows', 'What can be submitted', 'fleet workflows', 'fleet workflows generateImage')
    .argument('[name]', 'show this one with its input, signals and queries')
    .action(workflows);
}

async function workflows(name: string | undefined, options: ReadingOptions): Promise<void> {
  const answer = await gateway().json<{ workflows: readonly WorkflowEntry[] }>('GET', '/v1/workflows');
  if (name === undefined) return show(options.json, answer, () => list(answer.workflows));
  const entry = answer.workflows.find((candidate) => candidate.name === name);
  const names = answer.workflows.map((candidate) => candidate.name).join(', ');
  if (!entry) throw new FleetError('unknown_workflow', { got: JSON.stringify(name), names });
  show(options.json, entry, () => details(entry));
}

function list(entries: readonly WorkflowEntry[]): string {
  const rows = entries.map((entry) => [entry.name, entry.kind, entry.queue, entry.description]);
  return table(['NAME', 'KIND', 'QUEUE', 'DESCRIPTION'], rows);
}

function details(entry: WorkflowEntry): string {
  const head = fields([
    ['name', entry.name],
    ['kind', entry.kind],
    ['does', entry.description],
    ['queue', `${entry.queue} (allowed: ${entry.allowed_queues.join(', ')})`],
    ['signals', entry.signals?.join(', ')],
    ['queries', entry.queries?.join(', ')],
    ['updates', entry.updates?.join(', ')],
    ['timeouts', entry.timeouts === undefined ? undefined : JSON.stringify(entry.timeouts)],
    ['retry', entry.retry ? JSON.stringify(entry.retry) : undefined],
  ]);
  const example = `fleet submit ${entry.name} --input '${JSON.stringify(entry.example)}' --wait`;
  return `${head}\n\nInput schema:\n${JSON.stringify(entry.input_schema, null, 2)}\n\nExample:\n  $ ${example}`;
}
