import type { ChatUsage } from '@fleet/workflow-registry/messages';
import type { ChatChunk } from '../provider';
import { finishOf, openAiUsage, usageOf } from './anthropic-answer';
import type { Translation } from './ask';
import { nonsense } from './classify';
import { fieldsOf, type Fields } from './fields';

type Delta = ChatChunk['choices'][number]['delta'];

/** Anthropic's events as chunks: the first has the role, the last but one says why it ended, the last what it took. */
export function eventTranslation(): Translation<unknown, ChatChunk> {
  const state = new StreamState();
  return {
    chunksOf: (event) => state.chunksOf(event),
    isWhole: () => state.ended,
  };
}

class StreamState {
  ended = false;
  #head: Pick<ChatChunk, 'id' | 'object' | 'created' | 'model'> | undefined;
  #usage: ChatUsage | undefined;
  /** Calls of tools by their block, and whether their arguments have begun. */
  readonly #calls = new Map<unknown, { readonly index: number; begun: boolean }>();

  /** @throws ProviderError `transient` for what is no event */
  chunksOf(event: unknown): readonly ChatChunk[] {
    const fields = fieldsOf(event);
    switch (fields['type']) {
      case 'message_start':
        return this.#start(fieldsOf(fields['message']));
      case 'content_block_start':
        return this.#startBlock(fields);
      case 'content_block_delta':
        return this.#delta(fields);
      case 'content_block_stop':
        return this.#stopBlock(fields['index']);
      case 'message_delta':
        return this.#finish(fields);
      case 'message_stop':
        return this.#end();
      default:
        // There may be new kinds of events, says their documentation; what is none at all has no type.
        if (typeof fields['type'] === 'string') return [];
        throw nonsense('no event of a message');
    }
  }

  #start({ id, model, usage }: Fields): readonly ChatChunk[] {
    const created = Math.floor(Date.now() / 1000);
    this.#head = { id: String(id), object: 'chat.completion.chunk', created, model: String(model) };
    this.#usage = usageOf(usage);
    return this.#chunk({ role: 'assistant', content: '' });
  }

  #startBlock({ index: block, content_block }: Fields): readonly ChatChunk[] {
    const { type, id, name, text } = fieldsOf(content_block);
    if (type === 'text') return text ? this.#chunk({ content: text }) : [];
    if (type !== 'tool_use') return [];
    const index = this.#calls.size;
    this.#calls.set(block, { index, begun: false });
    return this.#chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] });
  }

  #delta({ index: block, delta }: Fields): readonly ChatChunk[] {
    const { type, text, partial_json } = fieldsOf(delta);
    if (type === 'text_delta') return this.#chunk({ content: text });
    return typeof partial_json === 'string' && partial_json !== '' ? this.#arguments(block, partial_json) : [];
  }

  /** A call without arguments sends none; OpenAI's clients parse what they got, so they get an empty object. */
  #stopBlock(block: unknown): readonly ChatChunk[] {
    return this.#calls.get(block)?.begun === false ? this.#arguments(block, '{}') : [];
  }

  #arguments(block: unknown, text: string): readonly ChatChunk[] {
    const call = this.#calls.get(block);
    if (!call) throw nonsense('arguments of no call');
    call.begun = true;
    return this.#chunk({ tool_calls: [{ index: call.index, function: { arguments: text } }] });
  }

  #finish({ delta, usage }: Fields): readonly ChatChunk[] {
    const { stop_reason } = fieldsOf(delta);
    const { output_tokens } = fieldsOf(usage);
    if (this.#usage && typeof output_tokens === 'number') {
      this.#usage = { ...this.#usage, outputTokens: output_tokens };
    }
    return this.#chunk({}, finishOf(stop_reason));
  }

  #end(): readonly ChatChunk[] {
    const [chunk] = this.#chunk({});
    this.ended = true;
    return chunk && this.#usage ? [{ ...chunk, choices: [], usage: openAiUsage(this.#usage) }] : [];
  }

  #chunk(delta: Delta, finish: string | null = null): readonly ChatChunk[] {
    if (!this.#head) throw nonsense('a stream without its beginning');
    return [{ ...this.#head, choices: [{ index: 0, delta, finish_reason: finish }] }];
  }
}
