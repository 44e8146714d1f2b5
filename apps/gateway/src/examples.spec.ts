import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ask, openClient, stream } from '../../../examples/chat';
import { vote } from '../../../examples/vote';
import { createChatGateway, type ChatGateway } from './testing/chat-gateway';

const ROOT = resolve(__dirname, '../../..');
const MODELS = ['small', 'large', 'wise', 'swift'];

let gateway: ChatGateway;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  gateway = await createChatGateway({ models: MODELS.map((id) => ({ id })) });
  env = { ...process.env, FLEET_GATEWAY_URL: await gateway.listen(), FLEET_API_TOKEN: '' };
});
afterEach(() => gateway.provider.forgetCalls());
afterAll(() => gateway.close());

/** As the first lines of an example say. */
async function run(file: string): Promise<string> {
  const path = join(ROOT, 'examples', file);
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', path], { cwd: ROOT, env });
  return stdout;
}

describe('examples/chat.ts', () => {
  it('asks once for one key, and streams the same answer', async () => {
    const client = openClient(env);
    const first = await ask(client, 'examples-spec');
    expect(await ask(client, 'examples-spec')).toEqual(first);
    expect((await gateway.provider.calls()).total).toBe(1);
    expect(MODELS).toContain(first.model);
    expect(first.text).toContain('What is a fjord?');
    let text = '';
    await stream(client, (part) => (text += part));
    expect(text).toContain('What is a fjord?');
  });

  it('runs as it is', async () => {
    expect((await run('chat.ts')).match(/What is a fjord\?/g)).toHaveLength(2);
  });
});

describe('examples/vote.ts', () => {
  it('has three models answer and a fourth judge', async () => {
    const { answer, calls, response } = await vote('Tea or coffee?', env);
    const voters = response.responses.map(({ model_id: id }) => id);
    expect(new Set([...voters, response.judge])).toEqual(new Set(MODELS));
    expect(calls).toBe(4);
    expect(answer).toBe(response.responses[response.selected]?.content);
    expect((await gateway.provider.calls()).total).toBe(4);
  });

  it('tells what is wrong', async () => {
    const elsewhere = { ...env, FLEET_GATEWAY_URL: `${env['FLEET_GATEWAY_URL']}/nowhere` };
    await expect(vote('Tea or coffee?', elsewhere)).rejects.toThrow(/route_not_found/);
  });

  it('runs as it is', async () => {
    expect(await run('vote.ts')).toMatch(/^\* \w+$[^]*^judge: \w+, 4 chats, /m);
  });
});
