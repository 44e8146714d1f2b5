// Types as `import()` resolves them: the package has one set for each module system.
import type OpenAI from 'openai' with { 'resolution-mode': 'import' };
import { FleetError } from '@fleet/errors';
import { trustedBaseUrl } from '@fleet/url-guard';
import type { ModelAnswer, ModelMessage, ToolCall } from '@fleet/workflow-registry/messages';
import { toFleetError } from '../openai-errors';
import { NO_MODEL, type ModelClient, type ModelQuestion } from './model-client';

type Chat = OpenAI.ChatCompletionCreateParamsNonStreaming;

/** How to reach a server that speaks OpenAI's chat completions. */
export interface OpenAiModelOptions {
  readonly apiKey: string;
  /** Default: the official address. */
  readonly baseUrl?: string | undefined;
  readonly model: string;
}

const TIMEOUT_MS = 150_000;
const DEFAULT_MODEL = 'gpt-4.1-mini';

/** Asks OpenAI, or whatever speaks its chat completions at `baseUrl`. The client's own retries are off. */
export function createOpenAiModel({ apiKey, baseUrl, model }: OpenAiModelOptions): ModelClient {
  let client: Promise<OpenAI> | undefined;
  const connect = async () => {
    const { default: Client } = await import('openai');
    return new Client({ apiKey, baseURL: baseUrl ?? null, maxRetries: 0, timeout: TIMEOUT_MS });
  };
  return {
    async ask(question, { signal, idempotencyKey }) {
      signal.throwIfAborted();
      const openai = await (client ??= connect());
      const options = { signal, headers: { 'idempotency-key': idempotencyKey } };
      const completion = await openai.chat.completions
        .create(chatOf(question, model), options)
        .catch((error: unknown) => {
          // The client throws an abort error of its own: the caller wants to know why it was stopped.
          signal.throwIfAborted();
          throw toFleetError(error, apiKey);
        });
      return answerOf(completion);
    },
  };
}

/** One that the stand-in lists; it answers for any. */
const STAND_IN_MODEL = 'stand-in-small';

/**
 * The model that the environment names: FLEET_MODEL_URL or OPENAI_BASE_URL, OPENAI_API_KEY, FLEET_MODEL; without any of
 * them the stand-in at FLEET_STAND_IN_URL.
 *
 * @throws FleetError `invalid_variable`
 */
export function modelFrom(env: Readonly<Record<string, string | undefined>>): ModelClient {
  const own = env['FLEET_MODEL_URL'] ? 'FLEET_MODEL_URL' : 'OPENAI_BASE_URL';
  const baseUrl = env[own] ? trustedBaseUrl(env[own], own).href : undefined;
  const apiKey = env['OPENAI_API_KEY'] || undefined;
  if (apiKey === undefined && baseUrl === undefined) return standInFrom(env);
  // A server of one's own may want no key; the client refuses to start without any.
  return createOpenAiModel({ apiKey: apiKey ?? 'none', baseUrl, model: env['FLEET_MODEL'] || DEFAULT_MODEL });
}

function standInFrom(env: Readonly<Record<string, string | undefined>>): ModelClient {
  const url = env['FLEET_STAND_IN_URL'];
  if (!url) return NO_MODEL;
  const baseUrl = trustedBaseUrl(url, 'FLEET_STAND_IN_URL').href;
  return createOpenAiModel({ apiKey: 'none', baseUrl, model: env['FLEET_MODEL'] || STAND_IN_MODEL });
}

function chatOf({ messages, tools, model: asked }: ModelQuestion, model: string): Chat {
  return {
    model: asked ?? model,
    messages: messages.map(toChatMessage),
    ...(tools.length > 0 && { tools: tools.map((tool) => ({ type: 'function' as const, function: { ...tool } })) }),
  };
}

function toChatMessage(message: ModelMessage): Chat['messages'][number] {
  switch (message.role) {
    case 'tool':
      return { role: 'tool', tool_call_id: message.callId, content: message.content };
    case 'assistant': {
      const calls = message.toolCalls.map(({ id, tool, arguments: text }) => ({
        id,
        type: 'function' as const,
        function: { name: tool, arguments: text },
      }));
      return { role: 'assistant', content: message.content, ...(calls.length > 0 && { tool_calls: calls }) };
    }
    default:
      return { role: message.role, content: message.content };
  }
}

function answerOf({ choices, usage, model }: OpenAI.ChatCompletion): ModelAnswer {
  const message = choices?.[0]?.message;
  if (!message) throw new FleetError('provider_failed', { provider: 'openai', reason: 'its answer has no message' });
  const toolCalls = (message.tool_calls ?? []).flatMap((call): ToolCall[] =>
    call.type === 'function' ? [{ id: call.id, tool: call.function.name, arguments: call.function.arguments }] : [],
  );
  return {
    content: message.content ?? '',
    toolCalls,
    usage: { promptTokens: usage?.prompt_tokens ?? 0, completionTokens: usage?.completion_tokens ?? 0 },
    model,
  };
}
