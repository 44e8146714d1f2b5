import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A model of a test, all of whose numbers but the id have a default. */
export interface TestModel {
  readonly id: string;
  readonly weight?: number;
  /** Context window, tokens. */
  readonly context?: number;
}

/** Writes a file of models, all of one provider at that address, and gives the variables that lead to it. */
export function modelsAt(
  baseUrl: string,
  models: readonly TestModel[],
  aliases: readonly object[] = [],
): Readonly<Record<string, string>> {
  const path = join(mkdtempSync(join(tmpdir(), 'gateway-models-')), 'models.json');
  const rows = models.map(({ id, weight = 5, context = 128_000 }) => ({
    id,
    provider_id: 'stand-in',
    weight,
    context_tokens: context,
    input_per_1k: 0.001,
    output_per_1k: 0.002,
  }));
  const providers = [{ id: 'stand-in', kind: 'openai', base_url: baseUrl }];
  writeFileSync(path, JSON.stringify({ providers, models: rows, aliases }));
  return { FLEET_MODELS: path };
}
