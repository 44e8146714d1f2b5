/** A tool call that the stand-in makes. */
export interface ScriptedCall {
  readonly id: string;
  readonly name: string;
  /** JSON, or what the script has in its place. */
  readonly arguments: string;
}

/** A message, whichever provider's shape it came in. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly text: string;
}

/** What is asked, whichever provider's shape it came in. */
export interface Question {
  readonly model: string;
  readonly messages: readonly Message[];
  /** Names of the tools that may be called. */
  readonly tools: readonly string[];
  readonly stream: boolean;
  /** Tokens that the answer may have. Default: no limit. */
  readonly maxTokens: number | undefined;
  /** Whether a stream ends with what it took. */
  readonly usageInStream: boolean;
}

/** An answer, before it has a provider's shape. */
export interface Answer {
  /** Absent when tools are called. */
  readonly text: string | undefined;
  readonly calls: readonly ScriptedCall[];
  readonly finish: 'stop' | 'length' | 'tool_calls';
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** What is wrong with a request; answered with status 400 in the provider's shape. */
export class BadQuestion extends Error {
  override readonly name = 'BadQuestion';
}

/** One provider's HTTP: what its requests, answers, streams and errors look like. */
export interface Dialect {
  /** @throws BadQuestion */
  read(body: unknown): Question;
  whole(question: Question, answer: Answer, id: string): object;
  /** The server-sent events of a stream, in their order. */
  events(question: Question, answer: Answer, id: string): readonly string[];
  error(status: number, type: ErrorType, message: string): object;
  /** What it says when the messages are too long, and with which status. */
  overflow(tokens: number, limit: number): { readonly status: number; readonly body: object };
  /** What it says when the money is used up. */
  quota(status: number): object;
  /** An error in the middle of a stream. */
  errorEvent(status: number): string;
}

/** What an error is about. */
export type ErrorType = 'invalid' | 'by_status';

/** A body that is an object, with a model and messages. @throws BadQuestion */
export function conversationIn(body: unknown): Readonly<Record<string, unknown>> & {
  readonly model: string;
  readonly messages: readonly Readonly<Record<string, unknown>>[];
} {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const { model, messages } = fields;
  if (typeof model !== 'string' || model === '') throw new BadQuestion('model: must be a text');
  const isList = Array.isArray(messages) && messages.length > 0;
  if (!isList || !messages.every((message) => typeof message === 'object' && message !== null)) {
    throw new BadQuestion('messages: must be a list of one object or more');
  }
  return { ...fields, model, messages: messages as Record<string, unknown>[] };
}

/** The text of a content: a string, or blocks of which the text is taken. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: { text?: unknown; content?: unknown }) =>
      typeof part.text === 'string' ? part.text : textOf(part.content),
    )
    .join('');
}

/** A number of tokens, or no limit. @throws BadQuestion */
export function limitOf(field: string, value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (Number.isInteger(value) && (value as number) >= 1) return value as number;
  throw new BadQuestion(`${field}: must be a whole number of 1 or more`);
}
