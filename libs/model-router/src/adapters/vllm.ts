import { FleetError } from '@fleet/errors';
import type { ProviderSpec } from '../catalog';
import type { ProviderAdapter } from '../provider';
import { createOpenAiAdapter } from './openai';

/**
 * vLLM servers, or any others with OpenAI's chat completions: calls take turns over the base URLs. It is healthy when one
 * of them is.
 *
 * @throws FleetError `invalid_input` without a base URL
 */
export function createVllmAdapter(spec: ProviderSpec): ProviderAdapter {
  const servers = spec.baseUrls.map((url) => createOpenAiAdapter({ ...spec, baseUrls: [url] }));
  if (servers.length === 0) {
    const fields = [{ field: `providers.${spec.id}.baseUrls`, rule: 'must have one address or more' }];
    throw new FleetError('invalid_input', { count: 1 }, { fields });
  }
  let turn = 0;
  const next = (): ProviderAdapter => servers[turn++ % servers.length] as ProviderAdapter;
  return {
    providerId: spec.id,
    send: (call, options) => next().send(call, options),
    stream: (call, options) => next().stream(call, options),
    probe: async (options) => (await Promise.all(servers.map((server) => server.probe(options)))).includes(true),
  };
}
