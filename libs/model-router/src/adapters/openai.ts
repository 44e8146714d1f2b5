// Types as `import()` resolves them: the package has one set for each module system.
import type OpenAI from 'openai' with { 'resolution-mode': 'import' };
import type { ProviderSpec } from '../catalog';
import type { ProviderAdapter, ProviderCall } from '../provider';
import { askForStream, askOnce } from './ask';
import { fieldsOf } from './fields';
import { answerIn, chunkTranslation } from './openai-shape';
import { probeBy } from './probe';

type Body = OpenAI.ChatCompletionCreateParamsNonStreaming;

/**
 * OpenAI, or a server with its chat completions at the first base URL. Parameters are sent as they are.
 *
 * The client is loaded with the first call. It retries nothing, logs nothing, and has its key and address from the catalog
 * alone. A stream always ends with what it took, whatever `stream_options` say.
 */
export function createOpenAiAdapter({ id, baseUrls, apiKey }: ProviderSpec): ProviderAdapter {
  const baseURL = baseUrls[0];
  let client: Promise<OpenAI> | undefined;
  const connect = (): Promise<OpenAI> => (client ??= connectTo(baseURL, apiKey));
  // The official server has another name for it, and some of its models know no other.
  const limitField = baseURL === undefined ? 'max_completion_tokens' : 'max_tokens';
  return {
    providerId: id,
    send: (call, options) =>
      askOnce(options, async (request) => {
        const { chat } = await connect();
        return answerIn(await chat.completions.create({ ...bodyOf(call, limitField), stream: false }, request));
      }),
    stream: (call, options) =>
      askForStream(
        options,
        async (request) => {
          const { chat } = await connect();
          const body = bodyOf(call, limitField);
          // Without it a stream does not say what it took.
          const stream_options = { ...fieldsOf(call.parameters['stream_options']), include_usage: true };
          return chat.completions.create({ ...body, stream: true, stream_options }, request);
        },
        chunkTranslation(),
      ),
    probe: (options) => probeBy(options, async (request) => (await connect()).get('/models', request).asResponse()),
  };
}

async function connectTo(baseURL: string | undefined, apiKey: string | undefined): Promise<OpenAI> {
  const { default: Client } = await import('openai');
  return new Client({
    baseURL: baseURL ?? 'https://api.openai.com/v1',
    // The client does not start without a key; a server that wants none is sent none.
    apiKey: apiKey ?? 'none',
    ...(apiKey === undefined && { defaultHeaders: { authorization: null } }),
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    // It would write what it cannot parse to standard error: the answer.
    logLevel: 'off',
    // A redirect would take the request to a server that nobody configured.
    fetchOptions: { redirect: 'manual' },
  });
}

function bodyOf({ model, messages, parameters, maxTokens }: ProviderCall, limitField: string): Body {
  // Neither is the caller's to say, and a server refuses the options of a stream where there is none.
  const { stream: _stream, stream_options: _options, ...rest } = parameters;
  const field = ['max_completion_tokens', 'max_tokens'].find((name) => name in parameters) ?? limitField;
  const limit = maxTokens !== undefined && { [field]: maxTokens };
  return { ...rest, ...limit, model, messages } as unknown as Body;
}
