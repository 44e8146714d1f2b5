import type {
  ChatCompletion,
  ChatMessage,
  ChatPolicy,
  ChatRequest,
  ChatUsage,
} from '@fleet/workflow-registry/messages';
import type { ModelSpec } from './catalog';

/** Output tokens that are assumed of an answer nobody has said anything about. */
const DEFAULT_OUTPUT_TOKENS = 512;
const CHARACTERS_PER_TOKEN = 4;

/** Tokens of so many characters: a quarter of them, rounded up. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** Input tokens of a request: what the caller said, else a quarter of the characters of its messages. */
export function estimateInputTokens(request: ChatRequest): number {
  if (request.estimatedInputTokens !== undefined) return request.estimatedInputTokens;
  return estimateTokens(request.messages.reduce((sum, message) => sum + charactersOf(message), 0));
}

function charactersOf({ content, tool_calls = [] }: ChatMessage): number {
  const calls = tool_calls.reduce((sum, call) => sum + call.function.name.length + call.function.arguments.length, 0);
  return (content?.length ?? 0) + calls;
}

/** US dollars of so many tokens at a model. */
export function costOf(model: ModelSpec, usage: ChatUsage): number {
  return (usage.inputTokens / 1000) * model.inputPer1k + (usage.outputTokens / 1000) * model.outputPer1k;
}

/** US dollars that an answer will cost by estimate. */
export function estimateCost(model: ModelSpec, inputTokens: number, policy: ChatPolicy): number {
  return costOf(model, { inputTokens, outputTokens: policy.estimatedOutputTokens || DEFAULT_OUTPUT_TOKENS });
}

/** The text of an answer, tool calls included. */
export function textOf(response: ChatCompletion): string {
  return response.choices
    .map(
      ({ message }) =>
        (message.content ?? '') + (message.tool_calls ?? []).map((call) => call.function.arguments).join(''),
    )
    .join('');
}

/** The answer with its usage, which is estimated when the provider said none. */
export function withUsage(
  response: ChatCompletion,
  said: ChatUsage | undefined,
  inputTokens: number,
): { readonly response: ChatCompletion; readonly usage: ChatUsage } {
  if (said) return { response, usage: said };
  const usage = { inputTokens, outputTokens: estimateTokens(textOf(response).length) };
  const total_tokens = usage.inputTokens + usage.outputTokens;
  const counted = { prompt_tokens: usage.inputTokens, completion_tokens: usage.outputTokens, total_tokens };
  return { response: { ...response, usage: counted }, usage };
}
