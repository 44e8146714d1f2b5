// Types as `import()` resolves them: the package has one set for each module system.
import type Anthropic from '@anthropic-ai/sdk' with { 'resolution-mode': 'import' };
import type { ProviderSpec } from '../catalog';
import type { ProviderAdapter, ProviderCall } from '../provider';
import { answerOf } from './anthropic-answer';
import { bodyOf } from './anthropic-request';
import { eventTranslation } from './anthropic-stream';
import { askForStream, askOnce } from './ask';
import { probeBy } from './probe';

type Body = Anthropic.MessageCreateParamsNonStreaming;

/**
 * Anthropic's messages, asked and answered in OpenAI's shape. A parameter that has no counterpart there is refused as a
 * `fatal` ProviderError that names it: nothing is left out silently.
 *
 * The client is loaded with the first call. It retries nothing, logs nothing, and has its key and address from the catalog
 * alone.
 */
export function createAnthropicAdapter({ id, baseUrls, apiKey }: ProviderSpec): ProviderAdapter {
  let client: Promise<Anthropic> | undefined;
  const connect = (): Promise<Anthropic> => (client ??= connectTo(baseUrls[0], apiKey));
  return {
    providerId: id,
    send: (call, options) =>
      askOnce(options, async (request) => {
        const body = translated(call);
        const { messages } = await connect();
        return answerOf(await messages.create({ ...body, stream: false }, request));
      }),
    stream: (call, options) =>
      askForStream(
        options,
        async (request) => {
          const body = translated(call);
          const { messages } = await connect();
          return messages.create({ ...body, stream: true }, request);
        },
        eventTranslation(),
      ),
    probe: (options) => probeBy(options, async (request) => (await connect()).get('/v1/models', request).asResponse()),
  };
}

function translated(call: ProviderCall): Body {
  return bodyOf(call) as unknown as Body;
}

async function connectTo(baseURL: string | undefined, apiKey: string | undefined): Promise<Anthropic> {
  const { default: Client } = await import('@anthropic-ai/sdk');
  return new Client({
    baseURL: baseURL ?? 'https://api.anthropic.com',
    // Without a key the client would look for one in files and variables; a server that wants none is sent none.
    apiKey: apiKey ?? 'none',
    ...(apiKey === undefined && { defaultHeaders: { authorization: null } }),
    authToken: null,
    webhookKey: null,
    maxRetries: 0,
    // It would write what it cannot parse to standard error: the answer.
    logLevel: 'off',
    // Spans can hold prompts, when a variable says so.
    openTelemetry: false,
    // A redirect would take the request to a server that nobody configured.
    fetchOptions: { redirect: 'manual' },
  });
}
