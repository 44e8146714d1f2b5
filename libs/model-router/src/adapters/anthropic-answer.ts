import type { ChatToolCall, ChatUsage } from '@fleet/workflow-registry/messages';
import type { ProviderAnswer } from '../provider';
import { nonsense } from './classify';
import { fieldsOf, type Fields } from './fields';

const FINISHES: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

/** Why an answer ended, in OpenAI's words. Reasons that are new to us are `stop`. */
export function finishOf(reason: unknown): string {
  return FINISHES[String(reason)] ?? 'stop';
}

/** Tokens in OpenAI's count: what came out of a cache or went into it was read too. */
export function usageOf(usage: unknown): ChatUsage | undefined {
  const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens } = fieldsOf(usage);
  if (typeof input_tokens !== 'number') return undefined;
  const cached = [cache_read_input_tokens, cache_creation_input_tokens].map((count) => Number(count ?? 0));
  return {
    inputTokens: cached.reduce((sum, count) => sum + count, input_tokens),
    outputTokens: Number(output_tokens ?? 0),
  };
}

/** The same in the shape of an answer. */
export function openAiUsage({ inputTokens, outputTokens }: ChatUsage) {
  return { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
}

/** A message of Anthropic as a chat completion. Thoughts are not part of it. @throws ProviderError `transient` for none. */
export function answerOf(value: unknown): ProviderAnswer {
  const message = fieldsOf(value);
  if (message['type'] !== 'message' || !Array.isArray(message['content'])) throw nonsense('no message');
  const blocks = message['content'] as Fields[];
  const texts = blocks.filter(({ type }) => type === 'text').map(({ text }) => String(text));
  const calls = blocks.filter(({ type }) => type === 'tool_use').map(callOf);
  const usage = usageOf(message['usage']);
  const response: ProviderAnswer['response'] = {
    id: String(message['id']),
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: String(message['model']),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: texts.length > 0 || calls.length === 0 ? texts.join('') : null,
          ...(calls.length > 0 && { tool_calls: calls }),
        },
        finish_reason: finishOf(message['stop_reason']),
      },
    ],
    usage: openAiUsage(usage ?? { inputTokens: 0, outputTokens: 0 }),
  };
  return { response, usage };
}

function callOf({ id, name, input }: Fields): ChatToolCall {
  return {
    id: String(id),
    type: 'function',
    function: { name: String(name), arguments: JSON.stringify(input ?? {}) },
  };
}
