import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A question as the stand-in got it. */
export interface SeenQuestion {
  readonly idempotencyKey: string | undefined;
  readonly messages: number;
  readonly tools: readonly string[];
}

/** A server with OpenAI's chat completions whose model is a script: for specs and examples. It is no model. */
export interface StandInProvider {
  /** What FLEET_MODEL_URL is set to. */
  readonly url: string;
  readonly seen: readonly SeenQuestion[];
  /** Answers the next questions with this status instead. */
  failNext(times: number, status: number): void;
  close(): Promise<void>;
}

interface Message {
  readonly role: string;
  readonly content: string;
}

interface Body {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

/**
 * Starts it on a free port of the loopback address. The script is the first user message: turn after turn one of its lines
 * `use <tool> <json>` (several calls between ` & `) becomes tool calls, or `say <text>` an answer with that text and, when a
 * line follows, a call of no tool. With no line left it answers with the observations of the last turn.
 */
export async function startStandInProvider(): Promise<StandInProvider> {
  const seen: SeenQuestion[] = [];
  const failing = { times: 0, status: 500 };
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    );
  });
  const answer = async (request: IncomingMessage): Promise<{ status: number; body: unknown }> => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = JSON.parse(text) as Body;
    const key = request.headers['idempotency-key'];
    const tools = (body.tools ?? []).map((tool) => tool.function.name);
    seen.push({ idempotencyKey: key === undefined ? key : String(key), messages: body.messages.length, tools });
    if (failing.times > 0) {
      failing.times -= 1;
      return { status: failing.status, body: { error: { message: 'the stand-in was told to fail' } } };
    }
    return { status: 200, body: completion(body) };
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    failNext: (times, status) => void Object.assign(failing, { times, status }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function completion({ model, messages }: Body): unknown {
  const turn = messages.filter(({ role }) => role === 'assistant').length;
  const script = (messages.find(({ role }) => role === 'user')?.content ?? '').split('\n');
  const line = script.filter((each) => /^(use|say) /.test(each))[turn];
  const message = line === undefined ? { content: observations(messages) } : scripted(line, turn);
  const length = messages.reduce((sum, { content }) => sum + (content ?? '').length, 0);
  return {
    id: `stand-in-${turn}`,
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', ...message } }],
    usage: { prompt_tokens: Math.ceil(length / 4), completion_tokens: 5, total_tokens: Math.ceil(length / 4) + 5 },
  };
}

function scripted(line: string, turn: number): object {
  if (line.startsWith('say ')) return { content: line.slice(4) };
  const calls = line
    .slice(4)
    .split(' & ')
    .map((call, index) => {
      const [, name = '', text = '{}'] = /^(\S+)\s*(.*)$/.exec(call) ?? [];
      return { id: `call-${turn}-${index}`, type: 'function', function: { name, arguments: text } };
    });
  return { content: null, tool_calls: calls };
}

function observations(messages: readonly Message[]): string {
  const last = messages.findLastIndex(({ role }) => role !== 'tool');
  const said = messages.slice(last + 1).map(({ content }) => content);
  return said.length === 0 ? 'Nothing to do.' : `Done: ${said.join(' | ')}`;
}
