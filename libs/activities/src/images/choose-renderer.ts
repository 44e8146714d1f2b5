import { FleetError } from '@fleet/errors';
import type { ImageRenderer } from './image-renderer';
import { createLocalRenderer } from './local-renderer';
import { createOpenAiRenderer } from './openai-renderer';

/**
 * The renderer named by `FLEET_IMAGE_RENDERER` (`local` or `openai`). Default: `openai` when OPENAI_API_KEY is set, else
 * `local`.
 *
 * @throws FleetError `invalid_variable` for another name, or for `openai` without a key.
 */
export function chooseRenderer(env: Readonly<Record<string, string | undefined>>): ImageRenderer {
  const apiKey = env.OPENAI_API_KEY || undefined;
  const name = env.FLEET_IMAGE_RENDERER || (apiKey === undefined ? 'local' : 'openai');
  if (name === 'local') return createLocalRenderer();
  if (name !== 'openai') {
    throw new FleetError('invalid_variable', { variable: 'FLEET_IMAGE_RENDERER', rule: 'local or openai', got: name });
  }
  if (apiKey === undefined) {
    const rule = 'set when FLEET_IMAGE_RENDERER is openai';
    throw new FleetError('invalid_variable', { variable: 'OPENAI_API_KEY', rule, got: 'nothing' });
  }
  return createOpenAiRenderer({
    apiKey,
    baseUrl: env.OPENAI_BASE_URL || undefined,
    model: env.FLEET_IMAGE_MODEL || 'gpt-image-1',
  });
}
