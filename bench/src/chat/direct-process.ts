// What the gateway runs a chat with when there is no Temporal, called in process: the local executor on Postgres. And the
// same behind a server of `node:http` that does nothing else, on BARE_PORT: what HTTP costs, whoever speaks it.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
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
  await listen(Number(process.env['BARE_PORT']), one);
  return ({ count }: { readonly count: number }): Promise<number[]> => oneAtATime(count, one);
});

async function listen(port: number, one: () => Promise<unknown>): Promise<void> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    JSON.parse(Buffer.concat(parts).toString());
    const body = Buffer.from(JSON.stringify(await one()));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  };
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.keepAliveTimeout = 60_000;
  await once(server.listen(port, '127.0.0.1'), 'listening');
}
