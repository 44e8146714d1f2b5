// What the gateway runs a chat with when there is no Temporal, called in process: the local executor on Postgres.
import { randomUUID } from 'node:crypto';
import { createChatActivities, routerFrom } from '@fleet/activities/chat';
import { createLocalExecutor } from '@fleet/durable-executor';
import { dispatchTo } from '@fleet/durable-executor/dispatch';
import { openPostgresStore } from '@fleet/durable-executor/postgres';
import { openStore } from '@fleet/store';
import { chat, orchestrate, streamLog } from '@fleet/workflows/portable';
import { oneAtATime } from '../load';
import { serve } from '../serve';
import { MESSAGES } from './request';

serve(async () => {
  const url = process.env['DATABASE_URL'] ?? '';
  const store = openStore({ url });
  const executor = createLocalExecutor({
    store: openPostgresStore({ url }),
    workflows: [chat, orchestrate, streamLog],
    activities: createChatActivities({ store, router: routerFrom(process.env, store) }),
  });
  await executor.resume();
  const dispatcher = dispatchTo(executor);
  const one = (): Promise<unknown> => {
    const requestId = `chat_${randomUUID().replaceAll('-', '')}`;
    const input = { requestId, request: { messages: MESSAGES }, policy: {} };
    return dispatcher.run(chat, input, { id: `chat-${requestId}`, owner: 'local' });
  };
  return ({ count }: { readonly count: number }): Promise<number[]> => oneAtATime(count, one);
});
