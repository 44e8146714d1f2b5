import { piecesOf } from './answer';
import { BadQuestion, conversationIn, limitOf, textOf, type Answer, type Dialect, type Message } from './question';

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};
const STOPS = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const;

/** Parameters that the API has refused since its version 2026-10-21, which its clients ask for. */
const SAMPLING = ['temperature', 'top_p', 'top_k'];

/** Anthropic's messages. */
export const anthropic: Dialect = {
  read(body) {
    const { model, messages, system, tools, stream, max_tokens } = conversationIn(body);
    if (max_tokens === undefined) throw new BadQuestion('max_tokens: Field required');
    const sampling = SAMPLING.find((name) => name in (body as object));
    if (sampling) throw new BadQuestion(`${sampling}: Extra inputs are not permitted`);
    const instructions = textOf(system);
    return {
      model,
      messages: [
        ...(instructions === '' ? [] : [{ role: 'system' as const, text: instructions }]),
        ...messages.flatMap(messagesIn),
      ],
      tools: Array.isArray(tools) ? tools.map((tool: { name?: string }) => tool.name ?? '') : [],
      stream: stream === true,
      maxTokens: limitOf('max_tokens', max_tokens),
      usageInStream: true,
    };
  },

  whole: ({ model }, answer, id) => ({
    ...shell(model, id),
    content: blocksOf(answer),
    stop_reason: STOPS[answer.finish],
    usage: { input_tokens: answer.promptTokens, output_tokens: answer.completionTokens },
  }),

  events({ model }, answer, id) {
    const usage = { input_tokens: answer.promptTokens, output_tokens: 1 };
    return [
      event({ type: 'message_start', message: { ...shell(model, id), content: [], usage } }),
      event({ type: 'ping' }),
      ...blocksOf(answer).flatMap(blockEvents),
      event({
        type: 'message_delta',
        delta: { stop_reason: STOPS[answer.finish], stop_sequence: null },
        usage: { output_tokens: answer.completionTokens },
      }),
      event({ type: 'message_stop' }),
    ];
  },

  error: (status, type, message) => failure(type === 'invalid' ? 'invalid_request_error' : typeOf(status), message),

  overflow: (tokens, limit) => ({
    status: 400,
    body: failure('invalid_request_error', `prompt is too long: ${tokens} tokens > ${limit} maximum`),
  }),

  quota: () =>
    failure(
      'invalid_request_error',
      'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
    ),

  errorEvent: (status) => event(failure(typeOf(status), 'The stand-in was told to fail.')),
};

type Block =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown };

/** Results of tools come in messages of the user: each becomes a message of its own. */
function messagesIn({ role, content }: Readonly<Record<string, unknown>>): readonly Message[] {
  if (role !== 'user' && role !== 'assistant')
    throw new BadQuestion(`messages: there is no role ${JSON.stringify(role)}`);
  const blocks = Array.isArray(content) ? (content as { type?: string }[]) : [];
  const results = blocks.filter(({ type }) => type === 'tool_result');
  const others = blocks.filter(({ type }) => type !== 'tool_result');
  const rest = Array.isArray(content) ? others : content;
  const said: readonly Message[] = results.length > 0 && others.length === 0 ? [] : [{ role, text: textOf(rest) }];
  return [...results.map((block) => ({ role: 'tool' as const, text: textOf([block]) })), ...said];
}

function shell(model: string, id: string): object {
  return { id: `msg_${id}`, type: 'message', role: 'assistant', model, stop_reason: null, stop_sequence: null };
}

function blocksOf({ text, calls }: Answer): readonly Block[] {
  const said = text === undefined ? [] : [{ type: 'text' as const, text }];
  return [
    ...said,
    ...calls.map(({ id, name, arguments: input }) => ({ type: 'tool_use' as const, id, name, input: parsed(input) })),
  ];
}

function blockEvents(block: Block, index: number): readonly string[] {
  const [start, deltas] =
    block.type === 'text'
      ? [{ type: 'text', text: '' }, piecesOf(block.text).map((text) => ({ type: 'text_delta', text }))]
      : [{ ...block, input: {} }, halves(JSON.stringify(block.input))];
  return [
    event({ type: 'content_block_start', index, content_block: start }),
    ...deltas.map((delta) => event({ type: 'content_block_delta', index, delta })),
    event({ type: 'content_block_stop', index }),
  ];
}

function halves(json: string): readonly object[] {
  const middle = Math.ceil(json.length / 2);
  return [json.slice(0, middle), json.slice(middle)].map((part) => ({ type: 'input_json_delta', partial_json: part }));
}

/** The input of a tool is JSON here, never a text that is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function failure(type: string, message: string) {
  return { type: 'error', error: { type, message }, request_id: null };
}

const typeOf = (status: number): string => TYPES[status] ?? 'api_error';
const event = (data: { readonly type: string; readonly [field: string]: unknown }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
