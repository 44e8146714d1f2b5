import type { Command } from 'commander';
import { parseJson, parseWhole } from '../arguments';
import type { JobOutcome, Started } from '../gateway-contract';
import { parseDuration } from '../duration';
import { duration } from '../output/format';
import { note, print, show } from '../output/print';
import { waitWithProgress } from '../wait-for-end';
import { command, gateway } from './command';
import { showOutcome } from './outcome';

interface Options {
  readonly input: string;
  readonly queue?: string;
  readonly id?: string;
  readonly priority?: string;
  readonly idempotencyKey?: string;
  readonly wait?: string | true;
  readonly json?: boolean;
}

/** `fleet submit`. */
export function submitCommand(): Command {
  return command(
    'submit',
    'Start a workflow or job of the registry',
    `fleet submit generateImage --input '{"prompt":"a lighthouse at dusk"}' --wait`,
    'fleet submit analyzeData --input @analysis.json --queue background --id monthly-report',
  )
    .argument('<workflow>', 'its name; fleet workflows lists them')
    .option('--input <json>', 'the input as JSON, or @file for the JSON in a file', '{}')
    .option('--queue <queue>', "one of the entry's allowed queues; default: its own")
    .option('--id <id>', 'id of the job; default: made by the gateway')
    .option('--priority <n>', '1 (first) to 5 (last) within the queue; default: 3')
    .option('--idempotency-key <key>', 'sending the same request twice with it starts one job')
    .option('--wait [duration]', 'wait for the result, at most that long (30s, 5m); default: as long as it takes')
    .option('--json', 'print the answer as JSON; with --wait, how the job ended')
    .action(submit);
}

async function submit(workflow: string, options: Options): Promise<void> {
  const api = gateway();
  const waitMs = typeof options.wait === 'string' ? parseDuration(options.wait, '--wait') : Infinity;
  const started = await api.submit({
    workflow,
    input: parseJson(options.input, '--input'),
    id: options.id,
    queue: options.queue,
    priority: options.priority === undefined ? undefined : parseWhole(options.priority, '--priority', 1, 5),
    idempotencyKey: options.idempotencyKey,
  });
  for (const { message } of started.warnings ?? []) note(`warning: ${message}`);
  if (options.wait === undefined) return show(options.json, started, () => text(started));
  note(`${started.workflow_id} on ${started.queue}`);
  const begun = performance.now();
  const outcome: JobOutcome = await waitWithProgress(api, started.workflow_id, waitMs);
  if (!options.json) note(`${outcome.status} after ${duration(performance.now() - begun)}`);
  showOutcome(outcome, options.json);
}

function text(started: Started): string {
  return `${started.workflow_id}\n  on ${started.queue}; see it with: fleet status ${started.workflow_id}`;
}

/** `fleet retry`: starts a job again, so it answers as `fleet submit` does. */
export async function retry(id: string, options: { readonly json?: boolean }): Promise<void> {
  const started = await gateway().json<Started>('POST', `/v1/jobs/${encodeURIComponent(id)}/retry`);
  if (options.json) return show(true, started, () => '');
  print(text(started));
}
