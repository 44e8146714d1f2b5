import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerTo, promptTokensOf } from './answer';
import type { Calls, OpenCall } from './calls';
import type { Fault, Faults, FaultsOfCall } from './faults';
import { readText, sendJson } from './http';
import { BadQuestion, type Dialect, type Question } from './question';

/** What a call is answered with. */
export interface Conversation {
  readonly dialect: Dialect;
  readonly path: string;
  readonly calls: Calls;
  readonly faults: Faults;
}

/** Answers one call of a model, or does with it what was asked for. */
export async function converse(
  { dialect, path, calls, faults }: Conversation,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = await readText(request);
  const body = parsed(text);
  const header = (name: string): string | undefined => request.headers[name]?.toString();
  const named = (body ?? {}) as { model?: unknown; stream?: unknown };
  const question = attempt(() => dialect.read(body));
  const understood = question instanceof BadQuestion ? undefined : question;
  const call = calls.begin(
    {
      path,
      model: typeof named.model === 'string' ? named.model : '',
      stream: named.stream === true,
      messages: understood?.messages.length ?? 0,
      tools: understood?.tools ?? [],
      idempotencyKey: header('idempotency-key'),
      requestId: header('x-request-id'),
      authorized: (header('authorization') ?? header('x-api-key')) !== undefined,
      body,
    },
    text,
  );
  response.once('finish', () => call.ended('done'));
  response.once('close', () => call.ended(response.writableFinished ? 'done' : 'aborted'));
  if (question instanceof BadQuestion) {
    return send(response, call, 400, dialect.error(400, 'invalid', question.message));
  }
  const tokens = promptTokensOf(question) + (question.maxTokens ?? 0);
  const taken = faults.take({ path, model: question.model, tokens });
  await untilDue(taken, response);
  if (!response.destroyed) await answer({ dialect, question, response, call, taken, tokens });
}

interface Answering {
  readonly dialect: Dialect;
  readonly question: Question;
  readonly response: ServerResponse;
  readonly call: OpenCall;
  readonly taken: FaultsOfCall;
  readonly tokens: number;
}

async function answer(answering: Answering): Promise<void> {
  const { dialect, question, response, call, taken, tokens } = answering;
  const { fault } = taken;
  const id = String(call.number);
  switch (fault?.kind) {
    case 'status':
      return send(response, call, fault.status, failure(dialect, fault), retryHeaders(fault));
    case 'overflow': {
      const { status, body } = dialect.overflow(tokens, fault.contextTokens ?? 8192);
      return send(response, call, status, body);
    }
    case 'quota':
      return send(response, call, fault.status, dialect.quota(fault.status));
    case 'nonsense':
      return sendNonsense(response, call, fault.body, question.stream);
    default:
  }
  const said = answerTo(question, taken.say?.text);
  if (question.stream) return stream(answering, dialect.events(question, said, id));
  const whole = dialect.whole(question, said, id);
  if (fault?.kind === 'silent') return;
  if (fault?.kind !== 'cut') return send(response, call, 200, whole);
  const json = JSON.stringify(whole);
  call.answered(200);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) });
  response.write(json.slice(0, json.length / 2), () => hangUp(response, call));
}

/** Sends the events of a stream, as far as it goes. */
async function stream({ dialect, response, call, taken }: Answering, events: readonly string[]): Promise<void> {
  const { fault, slow } = taken;
  const silent = fault?.kind === 'silent';
  if (silent && fault.afterChunks === undefined) return;
  call.answered(200);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  const end = fault && 'afterChunks' in fault ? Math.min(fault.afterChunks ?? 0, events.length - 1) : events.length;
  for (const event of events.slice(0, end)) {
    if (slow && slow.chunkMs > 0) await pause(slow.chunkMs, response);
    if (response.destroyed) return;
    await write(response, event, fault?.kind === 'split');
  }
  if (silent) return;
  if (fault?.kind === 'cut') return hangUp(response, call);
  response.end(fault?.kind === 'error_event' ? dialect.errorEvent(fault.status) : undefined);
}

async function write(response: ServerResponse, event: string, split: boolean): Promise<void> {
  const bytes = Buffer.from(event);
  if (!split) return flush(response, bytes);
  const inside = bytes.findIndex((byte) => byte >= 0x80 && byte < 0xc0);
  const at = inside > 0 ? inside : Math.floor(bytes.length / 2);
  await flush(response, bytes.subarray(0, at));
  // Long enough for the two to leave in packets of their own.
  await pause(3, response);
  if (!response.destroyed) await flush(response, bytes.subarray(at));
}

/** Waits until it has left: a reader that is slower than we are must not fill our memory. */
function flush(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => response.write(bytes, () => resolve()));
}

function sendNonsense(response: ServerResponse, call: OpenCall, kind: string, streamed: boolean): void {
  const bodies: Readonly<Record<string, readonly [string, string]>> = {
    html: ['text/html', '<html><body><h1>Welcome to nginx!</h1></body></html>'],
    truncated: streamed
      ? ['text/event-stream', 'data: {"id":"x","choi\n\n']
      : ['application/json', '{"id":"x","choices":[{"ind'],
    other: streamed ? ['text/event-stream', 'data: {"ok":true}\n\n'] : ['application/json', '{"ok":true}'],
    empty: ['application/json', ''],
  };
  const [type = '', body = ''] = bodies[kind] ?? [];
  call.answered(200);
  response.writeHead(200, { 'content-type': type }).end(body);
}

async function untilDue({ slow }: FaultsOfCall, response: ServerResponse): Promise<void> {
  if (!slow) return;
  const ms = slow.delayMs + Math.random() * slow.jitterMs;
  if (ms > 0) await pause(ms, response);
}

/** Ends early when the caller leaves. */
async function pause(ms: number, response: ServerResponse): Promise<void> {
  const left = new AbortController();
  const leave = (): void => left.abort();
  response.once('close', leave);
  await sleep(ms, undefined, { signal: left.signal }).catch(() => undefined);
  response.off('close', leave);
}

/** Ends the connection in the middle of an answer. That is the server's doing: the caller aborted nothing. */
function hangUp(response: ServerResponse, call: OpenCall): void {
  call.ended('done');
  response.destroy();
}

function failure(dialect: Dialect, { status, message }: Extract<Fault, { kind: 'status' }>): object {
  return dialect.error(status, 'by_status', message ?? 'The stand-in was told to fail.');
}

function retryHeaders({ retryAfter, retryAfterMs }: Extract<Fault, { kind: 'status' }>): Record<string, string> {
  return {
    ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
    ...(retryAfterMs !== undefined && { 'retry-after-ms': String(retryAfterMs) }),
  };
}

function send(
  response: ServerResponse,
  call: OpenCall,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  call.answered(status);
  sendJson(response, status, body, headers);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function attempt(read: () => Question): Question | BadQuestion {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadQuestion) return error;
    throw error;
  }
}
