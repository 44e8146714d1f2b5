import type { ChatCompletion, ChatUsage } from '@fleet/workflow-registry/messages';
import type { ChatChunk, ProviderAnswer } from '../provider';
import type { Translation } from './ask';
import { nonsense } from './classify';
import { fieldsOf } from './fields';

/** A chat completion out of what a server sent. @throws ProviderError `transient` for what is none. */
export function answerIn(value: unknown): ProviderAnswer {
  const body = fieldsOf(value);
  const choices = Array.isArray(body['choices']) ? body['choices'].map(choiceIn) : [];
  if (choices.length === 0) throw nonsense('no chat completion');
  const usage = usageIn(body['usage']);
  const { inputTokens = 0, outputTokens = 0 } = usage ?? {};
  const response = {
    ...body,
    id: textOr(body['id'], 'chatcmpl-unknown'),
    object: 'chat.completion' as const,
    created: numberOr(body['created'], now()),
    model: textOr(body['model'], ''),
    choices,
    usage: {
      ...fieldsOf(body['usage']),
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    },
  };
  return { response, usage };
}

/** Chunks as they come, each checked; whole when every choice has said why it ended. */
export function chunkTranslation(): Translation<unknown, ChatChunk> {
  const begun = new Set<number>();
  const ended = new Set<number>();
  return {
    chunksOf(event) {
      const chunk = chunkIn(event);
      for (const { index, finish_reason } of chunk.choices) {
        begun.add(index);
        if (finish_reason !== null) ended.add(index);
      }
      return [chunk];
    },
    isWhole: () => begun.size > 0 && begun.size === ended.size,
  };
}

function chunkIn(value: unknown): ChatChunk {
  const chunk = fieldsOf(value);
  if (!Array.isArray(chunk['choices'])) throw nonsense('no chunk of a chat completion');
  return {
    ...chunk,
    id: textOr(chunk['id'], 'chatcmpl-unknown'),
    object: 'chat.completion.chunk',
    created: numberOr(chunk['created'], now()),
    model: textOr(chunk['model'], ''),
    choices: chunk['choices'].map((each) => {
      const choice = fieldsOf(each);
      const finish = choice['finish_reason'];
      return {
        ...choice,
        index: numberOr(choice['index'], 0),
        delta: fieldsOf(choice['delta']),
        finish_reason: typeof finish === 'string' ? finish : null,
      };
    }),
  };
}

function choiceIn(value: unknown, index: number): ChatCompletion['choices'][number] {
  const choice = fieldsOf(value);
  const message = fieldsOf(choice['message']);
  if (!choice['message']) throw nonsense('a choice without a message');
  const content = message['content'];
  return {
    ...choice,
    index: numberOr(choice['index'], index),
    message: { ...message, role: 'assistant', content: typeof content === 'string' ? content : null },
    finish_reason: textOr(choice['finish_reason'], 'stop'),
  };
}

function usageIn(value: unknown): ChatUsage | undefined {
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens } = fieldsOf(value);
  if (typeof inputTokens !== 'number') return undefined;
  return { inputTokens, outputTokens: numberOr(outputTokens, 0) };
}

const textOr = (value: unknown, fallback: string): string => (typeof value === 'string' ? value : fallback);
const numberOr = (value: unknown, fallback: number): number => (typeof value === 'number' ? value : fallback);
const now = (): number => Math.floor(Date.now() / 1000);
