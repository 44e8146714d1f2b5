import { randomUUID } from 'node:crypto';

/** Names a chat or plan in answers, logs and workflow ids. Never a caller's x-request-id: two callers may send the same. */
export const REQUEST_ID_HEADER = 'x-fleet-request-id';

/** `chat_` and 32 hexadecimal digits of chance. */
export function newRequestId(): string {
  return `chat_${randomUUID().replaceAll('-', '')}`;
}
