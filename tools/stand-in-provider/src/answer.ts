import { createHash } from 'node:crypto';
import type { Answer, Message, Question, ScriptedCall } from './question';

/** Characters of the last message that the answer repeats. */
const REPEATED = 200;

/** Tokens of a text: four characters each, rounded up. */
export function tokensIn(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Tokens of all messages. */
export function promptTokensOf({ messages }: Pick<Question, 'messages'>): number {
  return tokensIn(messages.map(({ text }) => text).join(''));
}

/**
 * The answer to a question: the same for the same model and messages.
 *
 * The first user message may be a script: turn after turn one of its lines `use <tool> <json>` (several calls between ` & `)
 * becomes tool calls, or `say <text>` an answer with that text. With no line left it answers with what the tools said
 * last; where there are none it says which model read what.
 *
 * @param say A text that counts in place of all that.
 */
export function answerTo(question: Question, say?: string): Answer {
  const promptTokens = promptTokensOf(question);
  const { messages, maxTokens = Infinity } = question;
  const turn = messages.filter(({ role }) => role === 'assistant').length;
  const line = scriptOf(messages)[turn];
  if (say === undefined && line?.startsWith('use ')) {
    const calls = callsIn(line, turn);
    const completionTokens = tokensIn(calls.map((call) => call.name + call.arguments).join(''));
    return { text: undefined, calls, finish: 'tool_calls', promptTokens, completionTokens };
  }
  const text = say ?? (line === undefined ? unscripted(question) : line.slice(4));
  const tokens = tokensIn(text);
  if (tokens <= maxTokens) return { text, calls: [], finish: 'stop', promptTokens, completionTokens: tokens };
  const cut = text.slice(0, maxTokens * 4);
  return { text: cut, calls: [], finish: 'length', promptTokens, completionTokens: maxTokens };
}

function scriptOf(messages: readonly Message[]): readonly string[] {
  const first = messages.find(({ role }) => role === 'user')?.text ?? '';
  return first.split('\n').filter((each) => /^(use|say) /.test(each));
}

function callsIn(line: string, turn: number): readonly ScriptedCall[] {
  return line
    .slice(4)
    .split(' & ')
    .map((call, index) => {
      const [, name = '', text = ''] = /^(\S+)\s*(.*)$/.exec(call) ?? [];
      return { id: `call-${turn}-${index}`, name, arguments: text || '{}' };
    });
}

function unscripted({ model, messages }: Question): string {
  const said = messages.slice(messages.findLastIndex(({ role }) => role !== 'tool') + 1);
  if (said.length > 0) return `Done: ${said.map(({ text }) => text).join(' | ')}`;
  const hash = createHash('sha256')
    .update(JSON.stringify([model, messages]))
    .digest('hex')
    .slice(0, 8);
  const last = messages.findLast(({ role }) => role === 'user')?.text ?? '';
  return `Stand-in answer ${hash} of ${model} to ${messages.length} message(s): ${last.slice(0, REPEATED)}`;
}

/** A text in the pieces that a stream sends it in: words, each with the space after it. */
export function piecesOf(text: string): readonly string[] {
  return text.match(/\s*\S+\s*?(?=\s|$)|\s+$/g) ?? [];
}
