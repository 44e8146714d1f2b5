import type { ChatMessage, ChatPolicy, ChatRequest, OrchestrationDirective } from '@fleet/workflow-registry/messages';
import { DIRECTIVE_KEYS, type Findings, readValue } from './directive-values';

/** A directive begins within so many characters of a message. */
const REACH = 2048;
const SHOWN = 50;

const LINE = /^[ \t]*@@(?:fleet|tokenhub)(?:[ \t]+(.*?))?[ \t]*$/;
const END = /^[ \t]*@@end[ \t]*$/;
const KEY_VALUE = /^([a-z_]+)=(.*)$/s;

/** What is asked once the directives are applied. */
export interface DirectedRequest<D extends OrchestrationDirective | undefined = undefined> {
  /** Without the text of the directives. */
  readonly request: ChatRequest;
  readonly policy: ChatPolicy;
  readonly directive: D;
  /** What was ignored, and why. */
  readonly notes: readonly string[];
}

/**
 * Applies the directives that users wrote into their messages, and takes their text out:
 *
 *     @@fleet mode=cheap budget=0.05
 *
 *     @@fleet
 *     min_weight=7
 *     output_schema={"type": "object"}
 *     @@end
 *
 * `@@tokenhub` is the same word. A line is a directive when all of it is `key=value`; in a block a value may go on over
 * lines. They begin within the first 2,048 characters of a message with the role `user`; what a tool or a model says is
 * never one. Keys: mode; budget, US dollars above 0 and up to 100; latency, milliseconds 0 to 300,000; min_weight, 0 to 10;
 * output_schema, a JSON schema, which takes the rest of its line.
 *
 * What is written in a message goes before what the body of the request says, and what is written later before what is
 * written earlier. A value out of its bounds is ignored, with a note.
 *
 * @param directive of an orchestration: then `mode` is the orchestration's
 */
export function applyDirectives<D extends OrchestrationDirective | undefined = undefined>(
  request: ChatRequest,
  policy: ChatPolicy,
  directive?: D,
): DirectedRequest<D> {
  const findings: Findings = { policy: {}, notes: [], isOrchestration: directive !== undefined };
  const messages = request.messages.map((message) => directed(message, findings));
  const kept = messages.filter((message, index) => message === request.messages[index] || message.content !== '');
  const { outputSchema, orchestrationMode } = findings;
  return {
    request: {
      ...request,
      // A message that was nothing but directives is gone, unless there is no other.
      messages: kept.length > 0 ? kept : messages,
      ...(outputSchema && { outputSchema }),
    },
    policy: { ...policy, ...findings.policy },
    directive: (directive && { ...directive, ...(orchestrationMode && { mode: orchestrationMode }) }) as D,
    notes: findings.notes,
  };
}

function directed(message: ChatMessage, findings: Findings): ChatMessage {
  const { role, content } = message;
  if (role !== 'user' || content === null || !content.includes('@@')) return message;
  const lines = content.split('\n');
  const kept: string[] = [];
  let position = 0;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const end = position < REACH ? takeDirective(lines, index, findings) : undefined;
    if (end === undefined) kept.push(line);
    const taken = lines.slice(index, (end ?? index) + 1);
    position += taken.join('\n').length + 1;
    index = end ?? index;
  }
  return kept.length === lines.length ? message : { ...message, content: kept.join('\n').trim() };
}

/** Reads the directive that begins at a line. @returns the number of its last line; undefined when there is none */
function takeDirective(lines: readonly string[], index: number, findings: Findings): number | undefined {
  const found = LINE.exec((lines[index] ?? '').replace(/\r$/, ''));
  if (!found) return undefined;
  const [, rest = ''] = found;
  if (rest !== '') {
    const pairs = pairsOf(rest);
    pairs?.forEach(([key, value]) => apply(key, value, findings));
    return pairs && index;
  }
  const end = lines.findIndex((line, number) => number > index && END.test(line.replace(/\r$/, '')));
  if (end < 0) {
    findings.notes.push('a block of directives without @@end is not one');
    return undefined;
  }
  for (const entry of entriesOf(lines.slice(index + 1, end), findings)) {
    pairsOf(entry)?.forEach(([key, value]) => apply(key, value, findings));
  }
  return end;
}

/** `key=value` pairs apart by spaces; undefined when something else is among them: then it is prose. */
function pairsOf(text: string): readonly (readonly [string, string])[] | undefined {
  const pairs: (readonly [string, string])[] = [];
  let left = text.trim();
  while (left !== '') {
    const [, key = '', value = ''] = KEY_VALUE.exec(left) ?? [];
    if (key === '') return undefined;
    const own = key === 'output_schema' ? value : (/^\S*/.exec(value)?.[0] ?? '');
    pairs.push([key, own]);
    left = value.slice(own.length).trim();
  }
  return pairs;
}

/** The lines of a block; one that does not begin with a key goes on with the value before it. */
function entriesOf(lines: readonly string[], findings: Findings): readonly string[] {
  const entries: string[] = [];
  for (const line of lines.map((one) => one.trim()).filter((one) => one !== '')) {
    if (KEY_VALUE.test(line)) entries.push(line);
    else if (entries.at(-1)?.startsWith('output_schema=')) entries.push(`${entries.pop()}\n${line}`);
    else findings.notes.push(`"${line.slice(0, SHOWN)}" is ignored: it is not key=value`);
  }
  return entries;
}

function apply(key: string, value: string, findings: Findings): void {
  const problem = DIRECTIVE_KEYS.includes(key)
    ? readValue(key, value, findings)
    : `there are ${DIRECTIVE_KEYS.join(', ')}`;
  if (problem !== undefined)
    findings.notes.push(`${key.slice(0, SHOWN)}=${value.slice(0, SHOWN)} is ignored: ${problem}`);
}
