import type { ChatMessage, ChatToolCall } from '@fleet/workflow-registry/messages';
import type { Fields } from './fields';
import { untranslatable } from './untranslatable';

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: string | Fields[];
}

/**
 * OpenAI's messages as Anthropic's: instructions apart from the turns, results of tools in turns of the user.
 *
 * @throws ProviderError `fatal` for what cannot be said there
 */
export function messagesOf(messages: readonly ChatMessage[]): Fields {
  const instructions: string[] = [];
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const field = `messages[${index}]`;
    if (message.name !== undefined) throw untranslatable(`${field}.name`, 'it has no counterpart there');
    if (message.role === 'system' || message.role === 'developer') instructions.push(message.content ?? '');
    else if (message.role === 'tool') addResult(turns, message, field);
    else if (message.role === 'assistant') turns.push({ role: 'assistant', content: saidBy(message, field) });
    else turns.push({ role: 'user', content: message.content ?? '' });
  }
  return { messages: turns, ...(instructions.length > 0 && { system: instructions.join('\n\n') }) };
}

/** All results of one turn of calls have to be in one message. */
function addResult(turns: Turn[], { tool_call_id, content }: ChatMessage, field: string): void {
  if (tool_call_id === undefined) throw untranslatable(`${field}.tool_call_id`, 'a result has to name its call');
  const block = { type: 'tool_result', tool_use_id: tool_call_id, content: content ?? '' };
  const last = turns.at(-1);
  if (last?.role === 'user' && typeof last.content !== 'string') last.content.push(block);
  else turns.push({ role: 'user', content: [block] });
}

function saidBy({ content, tool_calls = [] }: ChatMessage, field: string): Turn['content'] {
  if (tool_calls.length === 0) return content ?? '';
  // A block without text is refused there.
  const said = content ? [{ type: 'text', text: content }] : [];
  return [...said, ...tool_calls.map((call, index) => callOf(call, `${field}.tool_calls[${index}]`))];
}

function callOf({ id, function: { name, arguments: text } }: ChatToolCall, field: string): Fields {
  const input = objectIn(text);
  if (!input) throw untranslatable(`${field}.function.arguments`, 'only a JSON object has a counterpart');
  return { type: 'tool_use', id, name, input };
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text || '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
