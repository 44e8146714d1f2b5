// Chats through the gateway with OpenAI's own client, at once and as a stream: npx tsx examples/chat.ts
// It needs a fleet (npm start). Without keys of providers the answers come from the stand-in provider, which is no model.
import OpenAI from 'openai';

const messages = [{ role: 'user' as const, content: 'What is a fjord?\nIn one sentence.' }];

/** The client, unchanged: only its address is the gateway's. `auto` leaves the choice of a model to the router. */
export function openClient(env: NodeJS.ProcessEnv = process.env): OpenAI {
  const gateway = env['FLEET_GATEWAY_URL'] || 'http://127.0.0.1:8080';
  // Without FLEET_API_TOKEN the gateway asks for no key, but the client wants one.
  return new OpenAI({ baseURL: `${gateway}/v1`, apiKey: env['FLEET_API_TOKEN'] || 'none' });
}

/** One answer, and who made it. The key makes it safe to ask again when the connection breaks: the client does so itself. */
export async function ask(client: OpenAI, key: string): Promise<{ text: string; model: string | null }> {
  const { data, response } = await client.chat.completions
    .create({ model: 'auto', messages }, { headers: { 'idempotency-key': key } })
    .withResponse();
  return { text: data.choices[0]?.message.content ?? '', model: response.headers.get('x-negotiated-model') };
}

/** The same word by word. A stream that breaks off throws: it is never taken for the whole answer. */
export async function stream(client: OpenAI, onText: (text: string) => void): Promise<void> {
  const chunks = await client.chat.completions.create({ model: 'auto', messages, stream: true });
  for await (const chunk of chunks) onText(chunk.choices[0]?.delta.content ?? '');
}

async function main(): Promise<void> {
  const client = openClient();
  const { text, model } = await ask(client, `example-${Date.now()}`);
  process.stdout.write(`${model}: ${text}\n\n`);
  await stream(client, (part) => void process.stdout.write(part));
  process.stdout.write('\n');
}

if (require.main === module) void main();
