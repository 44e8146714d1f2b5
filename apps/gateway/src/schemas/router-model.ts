import type { ModelState } from '@fleet/model-router';
import type { DisabledModelRow } from '@fleet/store';
import { z } from 'zod';
import { timestamp } from './timestamp';

/** A model of the catalog, and whether it may answer. */
export const routerModelSchema = z.object({
  id: z.string(),
  provider_id: z.string(),
  weight: z.number(),
  context_tokens: z.number(),
  input_per_1k: z.number(),
  output_per_1k: z.number(),
  state: z.enum(['enabled', 'disabled']),
  skip_reason: z
    .enum(['disabled', 'no_adapter', 'health_down'])
    .nullable()
    .describe('Why no request gets to it now; null when it may answer.'),
  disabled: z
    .object({
      by: z
        .enum(['catalog', 'fleet'])
        .describe('`catalog`: switched off in FLEET_MODELS; `fleet`: here, until it is enabled.'),
      reason: z.string(),
      at: timestamp.nullable(),
    })
    .nullable(),
  provider_state: z.enum(['healthy', 'degraded', 'down']).nullable().describe('Null: nothing is known yet.'),
});

/** A model as its operator sees it. @param row of one that is disabled until somebody enables it */
export function toRouterModel(
  { model, skipped, inUse, health }: ModelState,
  row: DisabledModelRow | undefined,
): z.infer<typeof routerModelSchema> {
  const isOn = inUse && row === undefined;
  // The row was read now, the rest is up to a second old.
  const stale = skipped === 'disabled' && isOn ? null : (skipped ?? null);
  return {
    id: model.id,
    provider_id: model.providerId,
    weight: model.weight,
    context_tokens: model.contextTokens,
    input_per_1k: model.inputPer1k,
    output_per_1k: model.outputPer1k,
    state: isOn ? 'enabled' : 'disabled',
    skip_reason: isOn ? stale : 'disabled',
    disabled: disabledBy(inUse, row),
    provider_state: health?.state ?? null,
  };
}

function disabledBy(inUse: boolean, row: DisabledModelRow | undefined): z.infer<typeof routerModelSchema>['disabled'] {
  if (row) return { by: 'fleet', reason: row.reason, at: row.at.toISOString() };
  return inUse ? null : { by: 'catalog', reason: 'the catalog switches it or its provider off', at: null };
}
