import type { ChatMessage } from '@fleet/workflow-registry/messages';
import { z } from 'zod';

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const satisfies readonly ChatMessage['role'][];

const textPart = z.object({
  type: z.literal('text', { error: 'must be text: parts of other types cannot be passed on' }),
  text: z.string(),
});

const toolCall = z.object({
  id: z.string().min(1).max(200),
  type: z.literal('function'),
  function: z.object({ name: z.string().min(1).max(200), arguments: z.string() }),
});

/**
 * A message as OpenAI's clients send it. Parts of text become one text, a line each. Fields that are no part of a question,
 * such as the `refusal` of an answer that is sent back, are left out.
 */
export const messageSchema = z
  .object({
    role: z.enum(ROLES),
    content: z
      .union([z.string(), z.null(), z.array(textPart).min(1).max(1000)])
      .optional()
      .describe('Text, or parts of the type text.'),
    name: z.string().min(1).max(200).nullish(),
    tool_calls: z.array(toolCall).min(1).max(200).optional(),
    tool_call_id: z.string().min(1).max(200).optional(),
  })
  .check((context) => {
    const { role, content, tool_calls: calls, tool_call_id: id } = context.value;
    const refuse = (field: string, rule: string): void =>
      void context.issues.push({ code: 'custom', path: [field], message: rule, input: context.value[field as 'role'] });
    if (content === undefined || content === null) {
      if (calls === undefined) refuse('content', 'must be text: only beside tool_calls may it be left out');
    }
    if (calls !== undefined && role !== 'assistant') refuse('tool_calls', 'is only possible for the role assistant');
    if (role === 'tool' && id === undefined) refuse('tool_call_id', 'is required for the role tool');
  });

/** The messages of a request. */
export const messagesSchema = z.array(messageSchema).min(1).max(10_000);

/** Messages as a provider gets them. */
export function toMessages(messages: z.infer<typeof messagesSchema>): readonly ChatMessage[] {
  return messages.map(({ role, content, name, tool_calls, tool_call_id }) => ({
    role,
    content: textOf(content),
    ...(name !== undefined && name !== null && { name }),
    ...(tool_calls && { tool_calls }),
    ...(tool_call_id !== undefined && { tool_call_id }),
  }));
}

function textOf(content: z.infer<typeof messageSchema>['content']): string | null {
  if (content === undefined || content === null) return null;
  return typeof content === 'string' ? content : content.map(({ text }) => text).join('\n');
}
