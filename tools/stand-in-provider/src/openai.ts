import { piecesOf } from './answer';
import { BadQuestion, conversationIn, limitOf, textOf, type Answer, type Dialect, type Message } from './question';

const TYPES: Readonly<Record<number, string>> = {
  401: 'invalid_api_key',
  404: 'model_not_found',
  429: 'rate_limit_exceeded',
};

/** OpenAI's chat completions. */
export const openai: Dialect = {
  read(body) {
    const { model, messages, tools, stream, stream_options, max_tokens, max_completion_tokens } = conversationIn(body);
    return {
      model,
      messages: messages.map((message) => ({ role: roleOf(message['role']), text: textOf(message['content']) })),
      tools: Array.isArray(tools)
        ? tools.map((tool: { function?: { name?: string } }) => tool.function?.name ?? '')
        : [],
      stream: stream === true,
      maxTokens: limitOf('max_completion_tokens', max_completion_tokens) ?? limitOf('max_tokens', max_tokens),
      usageInStream: (stream_options as { include_usage?: boolean } | undefined)?.include_usage === true,
    };
  },

  whole({ model }, answer, id) {
    const content = answer.text ?? null;
    const calls = answer.calls.length > 0 && { tool_calls: answer.calls.map(toolCall) };
    return {
      id: `chatcmpl-${id}`,
      object: 'chat.completion',
      created: now(),
      model,
      choices: [
        { index: 0, message: { role: 'assistant', content, refusal: null, ...calls }, finish_reason: answer.finish },
      ],
      usage: usageOf(answer),
    };
  },

  events({ model, usageInStream }, answer, id) {
    const head = { id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created: now(), model };
    const chunk = (delta: object, finish: string | null = null): object => ({
      ...head,
      choices: [{ index: 0, delta, finish_reason: finish }],
      ...(usageInStream && { usage: null }),
    });
    const chunks = [
      chunk({ role: 'assistant', content: '' }),
      ...piecesOf(answer.text ?? '').map((content) => chunk({ content })),
      ...answer.calls.flatMap((call, index) =>
        toolCallDeltas(call, index).map((each) => chunk({ tool_calls: [each] })),
      ),
      chunk({}, answer.finish),
      ...(usageInStream ? [{ ...head, choices: [], usage: usageOf(answer) }] : []),
    ];
    return [...chunks.map(event), 'data: [DONE]\n\n'];
  },

  error: (status, type, message) =>
    failure(message, {
      type: type === 'invalid' ? 'invalid_request_error' : (TYPES[status] ?? 'server_error'),
      code: type === 'invalid' ? null : (TYPES[status] ?? null),
    }),

  overflow: (tokens, limit) => ({
    status: 400,
    body: failure(
      `This model's maximum context length is ${limit} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`,
      { type: 'invalid_request_error', code: 'context_length_exceeded', param: 'messages' },
    ),
  }),

  quota: (status) =>
    status === 429
      ? failure('You exceeded your current quota, please check your plan and billing details.', {
          type: 'insufficient_quota',
          code: 'insufficient_quota',
        })
      : failure('Billing hard limit has been reached', {
          type: 'invalid_request_error',
          code: 'billing_hard_limit_reached',
        }),

  errorEvent: (status) => event(openai.error(status, 'by_status', 'The stand-in was told to fail.')),
};

function failure(
  message: string,
  { type, code, param = null }: { type: string; code: string | null; param?: string | null },
) {
  return { error: { message, type, param, code } };
}

function roleOf(role: unknown): Message['role'] {
  if (role === 'developer') return 'system';
  if (role === 'system' || role === 'user' || role === 'assistant' || role === 'tool') return role;
  throw new BadQuestion(`messages: there is no role ${JSON.stringify(role)}`);
}

function toolCall({ id, name, arguments: text }: Answer['calls'][number]): object {
  return { id, type: 'function', function: { name, arguments: text } };
}

/** As providers do it: the name first, the arguments after it in pieces. */
function toolCallDeltas({ id, name, arguments: text }: Answer['calls'][number], index: number): readonly object[] {
  const middle = Math.ceil(text.length / 2);
  return [
    { index, id, type: 'function', function: { name, arguments: '' } },
    ...[text.slice(0, middle), text.slice(middle)].map((part) => ({ index, function: { arguments: part } })),
  ];
}

function usageOf({ promptTokens, completionTokens }: Answer): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
const now = (): number => Math.floor(Date.now() / 1000);
