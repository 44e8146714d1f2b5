import type { ProviderCall } from '../provider';
import { messagesOf } from './anthropic-messages';
import { toolChoiceOf, toolsOf } from './anthropic-tools';
import type { Fields } from './fields';
import { untranslatable } from './untranslatable';

/** Anthropic wants a limit; a request without one gets this. */
const DEFAULT_MAX_TOKENS = 4096;

/** What belongs together, or is given by others: looked at elsewhere. */
const ELSEWHERE = new Set([
  'model',
  'messages',
  'stream',
  // A stream of Anthropic always says what it took.
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
]);

/** Parameters by what Anthropic calls them. They throw for a value that cannot be said there. */
const TRANSLATIONS: Readonly<Record<string, (value: unknown, field: string) => Fields>> = {
  thinking: (value) => ({ thinking: value }),
  stop: (value) => ({ stop_sequences: Array.isArray(value) ? value : [value] }),
  user: (value) => ({ metadata: { user_id: value } }),
  service_tier: (value, field) => {
    if (value === 'auto') return { service_tier: 'auto' };
    if (value === 'default') return { service_tier: 'standard_only' };
    throw untranslatable(field, 'only auto and default have a counterpart');
  },
};

/**
 * Values with which a parameter asks for nothing but the default. Of sampling there is nothing else to be had: since its
 * version 2026-10-21 the API refuses these parameters.
 */
const NEUTRAL: Readonly<Record<string, readonly unknown[]>> = {
  temperature: [1],
  top_p: [1],
  n: [1],
  frequency_penalty: [0],
  presence_penalty: [0],
  logprobs: [false],
  top_logprobs: [0],
  store: [false],
  parallel_tool_calls: [true],
};

/** A call as Anthropic's `POST /v1/messages`. @throws ProviderError `fatal` for what cannot be said there. */
export function bodyOf({ model, messages, parameters, maxTokens }: ProviderCall): Fields {
  const limit = maxTokens ?? parameters['max_completion_tokens'] ?? parameters['max_tokens'] ?? DEFAULT_MAX_TOKENS;
  return {
    ...translated(parameters),
    ...outputConfigOf(parameters),
    ...toolsOf(parameters['tools']),
    ...toolChoiceOf(parameters),
    ...messagesOf(messages),
    model,
    max_tokens: limit,
  };
}

function translated(parameters: Fields): Fields {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(parameters)) {
    const isNothing = value === null || value === undefined || NEUTRAL[name]?.includes(value);
    if (isNothing || ELSEWHERE.has(name)) continue;
    const translate = TRANSLATIONS[name];
    if (!translate) throw untranslatable(`parameters.${name}`, 'it has no counterpart there');
    Object.assign(fields, translate(value, `parameters.${name}`));
  }
  return fields;
}

/** Structured output and effort share one field there. */
function outputConfigOf({ response_format, reasoning_effort }: Fields): Fields {
  const config = { ...formatOf(response_format), ...effortOf(reasoning_effort) };
  return Object.keys(config).length > 0 ? { output_config: config } : {};
}

function formatOf(value: unknown): Fields {
  const { type, json_schema } = (value ?? { type: 'text' }) as { type?: unknown; json_schema?: { schema?: unknown } };
  if (type === 'text') return {};
  if (type === 'json_schema' && json_schema?.schema) return { format: { type, schema: json_schema.schema } };
  throw untranslatable('parameters.response_format', 'only text and json_schema have a counterpart');
}

function effortOf(value: unknown): Fields {
  if (value === undefined || value === null) return {};
  if (['low', 'medium', 'high', 'xhigh'].includes(value as string)) return { effort: value };
  throw untranslatable('parameters.reasoning_effort', 'only low, medium, high and xhigh have a counterpart');
}
