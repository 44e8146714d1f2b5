import type { ChatMessage } from '@fleet/workflow-registry/messages';
import { answerOf } from './anthropic-answer';
import { bodyOf } from './anthropic-request';
import { eventTranslation } from './anthropic-stream';

const user: readonly ChatMessage[] = [{ role: 'user', content: 'x' }];
const body = (parameters: Record<string, unknown>, messages = user, maxTokens?: number) =>
  bodyOf({ model: 'm', messages, parameters, maxTokens });
const base = { model: 'm', max_tokens: 4096, messages: [{ role: 'user', content: 'x' }] };

const toolCall = (id: string, text: string) => ({
  id,
  type: 'function' as const,
  function: { name: 'f', arguments: text },
});

const sent = (more: object) => ({ type: 'message', id: 'msg_1', model: 'm', content: [], usage: {}, ...more });

describe('a request in the words of Anthropic', () => {
  it.each([
    [{}, {}],
    [{ max_tokens: 7 }, { max_tokens: 7 }],
    [{ max_completion_tokens: 8, max_tokens: 7 }, { max_tokens: 8 }],
    [{ temperature: 1, top_p: 1, thinking: { type: 'adaptive' } }, { thinking: { type: 'adaptive' } }],
    [{ stop: 'END' }, { stop_sequences: ['END'] }],
    [{ stop: ['A', 'B'] }, { stop_sequences: ['A', 'B'] }],
    [{ user: 'u-1' }, { metadata: { user_id: 'u-1' } }],
    [{ service_tier: 'default' }, { service_tier: 'standard_only' }],
    [{ response_format: { type: 'text' }, reasoning_effort: 'low' }, { output_config: { effort: 'low' } }],
    [
      { response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' } } } },
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
    ],
    [
      { tool_choice: 'required', parallel_tool_calls: false },
      { tool_choice: { type: 'any', disable_parallel_tool_use: true } },
    ],
    [{ tool_choice: 'none', parallel_tool_calls: false }, { tool_choice: { type: 'none' } }],
    [{ tool_choice: { type: 'function', function: { name: 'f' } } }, { tool_choice: { type: 'tool', name: 'f' } }],
    [
      { tools: [{ type: 'function', function: { name: 'f', strict: true } }], parallel_tool_calls: false },
      {
        tools: [{ name: 'f', strict: true, input_schema: { type: 'object', properties: {} } }],
        tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      },
    ],
    [
      {
        n: 1,
        frequency_penalty: 0,
        logprobs: false,
        store: false,
        seed: null,
        stream_options: { include_usage: true },
      },
      {},
    ],
  ])('%j', (parameters, expected) => {
    expect(body(parameters)).toEqual({ ...base, ...expected });
  });

  it('has the limit of the call, whatever the parameters say', () => {
    expect(body({ max_completion_tokens: 900 }, user, 64)).toMatchObject({ max_tokens: 64 });
  });

  it.each([
    ['parameters.seed', { seed: 1 }],
    ['parameters.n', { n: 2 }],
    ['parameters.temperature', { temperature: 0 }],
    ['parameters.top_p', { top_p: 0.9 }],
    ['parameters.top_k', { top_k: 5 }],
    ['parameters.logit_bias', { logit_bias: { 1: 2 } }],
    ['parameters.response_format', { response_format: { type: 'json_object' } }],
    ['parameters.reasoning_effort', { reasoning_effort: 'minimal' }],
    ['parameters.service_tier', { service_tier: 'flex' }],
    ['parameters.tool_choice', { tool_choice: 'some' }],
    ['parameters.tools[1].type', { tools: [{ type: 'function', function: { name: 'f' } }, { type: 'custom' }] }],
  ])('refuses %s, which it cannot say', (field, parameters) => {
    const error = { errorClass: 'fatal', message: expect.stringContaining(`${field} cannot be sent`) as string };
    expect(() => body(parameters)).toThrow(expect.objectContaining(error));
  });

  it('has the instructions apart and the results of one turn together', () => {
    const messages: readonly ChatMessage[] = [
      { role: 'system', content: 'one' },
      { role: 'user', content: 'x' },
      { role: 'developer', content: 'two' },
      { role: 'assistant', content: 'so', tool_calls: [toolCall('a', '{"x":1}'), toolCall('b', '')] },
      { role: 'tool', tool_call_id: 'a', content: '1' },
      { role: 'tool', tool_call_id: 'b', content: '2' },
      { role: 'user', content: 'y' },
    ];
    expect(body({}, messages)).toMatchObject({
      system: 'one\n\ntwo',
      messages: [
        { role: 'user', content: 'x' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'so' },
            { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
            { type: 'tool_use', id: 'b', name: 'f', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: '1' },
            { type: 'tool_result', tool_use_id: 'b', content: '2' },
          ],
        },
        { role: 'user', content: 'y' },
      ],
    });
  });

  it.each<[string, ChatMessage]>([
    ['messages[0].name', { role: 'user', content: 'x', name: 'ada' }],
    ['messages[0].tool_call_id', { role: 'tool', content: 'x' }],
    [
      'messages[0].tool_calls[0].function.arguments',
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{x' } }],
      },
    ],
  ])('refuses %s, and shows no value', (field, message) => {
    expect(() => body({}, [message])).toThrow(`${field} cannot be sent`);
  });
});

describe('an answer of Anthropic', () => {
  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
    ['something_new', 'stop'],
  ])('that ended with %s ends with %s', (stop_reason, finish_reason) => {
    expect(answerOf(sent({ stop_reason })).response.choices[0]).toMatchObject({ finish_reason });
  });

  it('counts what came from a cache, and leaves thoughts out', () => {
    const usage = { input_tokens: 3, cache_read_input_tokens: 20, cache_creation_input_tokens: 100, output_tokens: 4 };
    const content = [
      { type: 'thinking', thinking: 'hm' },
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    const answer = answerOf(sent({ usage, content }));
    expect(answer.usage).toEqual({ inputTokens: 123, outputTokens: 4 });
    expect(answer.response.choices[0]?.message.content).toBe('ab');
  });

  it('does not say what it took where the provider did not', () => {
    expect(answerOf(sent({ content: [{ type: 'text', text: 'a' }] })).usage).toBeUndefined();
  });

  it('may have events that are new', () => {
    const events = eventTranslation();
    expect(events.chunksOf({ type: 'news' })).toEqual([]);
    expect(() => events.chunksOf({ type: 'message_delta', delta: {} })).toThrow('without its beginning');
    expect(events.isWhole()).toBe(false);
  });
});
