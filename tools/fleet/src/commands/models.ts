import type { Command } from 'commander';
import type { RouterModel } from '../gateway-contract';
import { show } from '../output/print';
import { table } from '../output/table';
import { command, gateway, readingCommand, type ReadingOptions } from './command';

interface DisableOptions extends ReadingOptions {
  readonly reason?: string;
}

/** `fleet models list`, `enable` and `disable`: what chats choose from. */
export function modelsCommand(): Command {
  const list = readingCommand(
    'list',
    'Every model of the catalog: whether it may answer, and why not',
    'fleet models list',
    'fleet models list --json',
  ).action(listModels);
  const enable = readingCommand(
    'enable',
    'Let a model answer again, such as after its budget was raised',
    'fleet models enable gpt-5.4-mini',
  )
    .argument('<id>')
    .action((id: string, options: ReadingOptions) => change(id, 'enable', {}, options));
  const disable = readingCommand(
    'disable',
    'Keep a model from answering, in all processes, until it is enabled',
    'fleet models disable gpt-5.4-mini --reason "answers nonsense"',
  )
    .argument('<id>')
    .option('--reason <text>', 'shown beside the model')
    .action((id: string, { reason, ...options }: DisableOptions) =>
      change(id, 'disable', reason === undefined ? {} : { reason }, options),
    );
  return command('models', 'See, enable and disable the models of chats', 'fleet models list')
    .addCommand(list)
    .addCommand(enable)
    .addCommand(disable);
}

async function listModels({ json }: ReadingOptions): Promise<void> {
  const answer = await gateway().json<{ models: readonly RouterModel[] }>('GET', '/v1/router/models');
  show(json, answer, () => {
    if (answer.models.length === 0) return 'No models. docs/chat.md says where they come from.';
    const header = ['MODEL', 'PROVIDER', 'WEIGHT', 'STATE', 'SKIPPED', 'PROVIDER IS', 'REASON'];
    return table(header, answer.models.map(row), [2]);
  });
}

function row(model: RouterModel): readonly string[] {
  return [
    model.id,
    model.provider_id,
    String(model.weight),
    model.state,
    model.skip_reason ?? '-',
    model.provider_state ?? 'not known',
    model.disabled?.reason ?? '',
  ];
}

async function change(id: string, what: 'enable' | 'disable', body: object, { json }: ReadingOptions): Promise<void> {
  const path = `/v1/router/models/${encodeURIComponent(id)}/${what}`;
  const model = await gateway().json<RouterModel>('POST', path, { body });
  const because = model.disabled ? `: ${model.disabled.reason}` : '';
  show(json, model, () => `${model.id} is ${model.state}${because}`);
}
