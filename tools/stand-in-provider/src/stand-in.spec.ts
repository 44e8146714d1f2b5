import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startStandInProvider, type StandInProvider } from '.';

let provider: StandInProvider;

beforeAll(async () => {
  provider = await startStandInProvider();
});
afterAll(() => provider.close());
afterEach(() => Promise.all([provider.heal(), provider.forgetCalls()]));

const user = (content: string) => [{ role: 'user', content }];

async function post(path: string, body: object, signal?: AbortSignal) {
  const response = await fetch(provider.origin + path, {
    method: 'POST',
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function say(model: string, content: string) {
  const { text } = await post('/v1/chat/completions', { model, messages: user(content) });
  return JSON.parse(text) as {
    choices: { message: { content: string }; finish_reason: string }[];
    usage: { prompt_tokens: number; completion_tokens: number };
  };
}

/** The text of a stream, of either provider. */
function textIn(events: string): string {
  const parts = events.matchAll(/"(?:content|text)":("(?:[^"\\]|\\.)*")/g);
  return [...parts].map(([, part = '']) => JSON.parse(part) as string).join('');
}

describe('answers', () => {
  it('are the same for the same model and messages, and others for others', async () => {
    const texts = await Promise.all(
      [
        ['a', 'x'],
        ['a', 'x'],
        ['b', 'x'],
        ['a', 'y'],
      ].map(async ([model = '', text = '']) => (await say(model, text)).choices[0]?.message.content),
    );
    expect(texts[0]).toBe(texts[1]);
    expect(new Set(texts).size).toBe(3);
  });

  it('count what they took', async () => {
    expect((await say('a', 'say 12345678')).usage).toEqual({ prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 });
  });

  it('end at the limit', async () => {
    const body = { model: 'a', max_tokens: 1, messages: user('say 12345678') };
    expect(JSON.parse((await post('/v1/chat/completions', body)).text)).toMatchObject({
      choices: [{ message: { content: '1234' }, finish_reason: 'length' }],
    });
  });

  it('come whole through a stream of either provider', async () => {
    const content = 'say héllo  wörld 🚀\u3000end ';
    const openai = await post('/v1/chat/completions', { model: 'a', stream: true, messages: user(content) });
    const anthropic = await post('/v1/messages', { model: 'a', max_tokens: 99, stream: true, messages: user(content) });
    expect(textIn(openai.text)).toBe(content.slice(4));
    expect(textIn(anthropic.text)).toBe(content.slice(4));
    expect(openai.text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it.each([
    ['/v1/chat/completions', { messages: user('x') }],
    ['/v1/chat/completions', { model: 'a', messages: [] }],
    ['/v1/chat/completions', { model: 'a', messages: [{ role: 'nobody' }] }],
    ['/v1/messages', { model: 'a', messages: user('x') }],
    ['/v1/messages', { model: 'a', max_tokens: 9, temperature: 1, messages: user('x') }],
  ])('refuse what a provider would: %s %j', async (path, body) => {
    const { status, text } = await post(path, body);
    expect([status, text]).toEqual([400, expect.stringContaining('invalid_request_error')]);
  });
});

describe('faults', () => {
  it('happen as often as asked, to the model asked for', async () => {
    await provider.fail({ kind: 'status', status: 503, times: 2, model: 'a' });
    const statuses: number[] = [];
    for (const model of ['b', 'a', 'a', 'a']) {
      statuses.push((await post('/v1/chat/completions', { model, messages: user('x') })).status);
    }
    expect(statuses).toEqual([200, 503, 503, 200]);
  });

  it('refuse what is none, naming the field', async () => {
    await expect(provider.fail({ kind: 'status', status: 200 })).rejects.toThrow('"field":"status"');
  });

  it('hold 200 slow calls at once', async () => {
    await provider.fail({ kind: 'slow', delayMs: 1500, times: 'always' });
    const calls = Array.from({ length: 200 }, (_, index) => say('a', String(index)));
    expect(await Promise.all(calls)).toHaveLength(200);
    expect(await provider.calls()).toMatchObject({ total: 200, mostOpen: 200, open: 0, aborted: 0 });
  });
});

it('records a caller that leaves as aborted, and a connection that it cuts itself not', async () => {
  await provider.fail({ kind: 'silent' });
  const body = { model: 'a', messages: user('x') };
  await expect(post('/v1/chat/completions', body, AbortSignal.timeout(300))).rejects.toThrow('timeout');
  await provider.fail({ kind: 'cut' });
  await expect(post('/v1/chat/completions', body)).rejects.toThrow('terminated');
  let report = await provider.calls();
  while (report.open > 0) report = await provider.calls();
  expect(report.calls.map(({ aborted }) => aborted)).toEqual([true, false]);
});

it('is reached under a name of this machine only', async () => {
  const { request } = await import('node:http');
  const asked = request(`${provider.origin}/stand-in/calls`, { headers: { host: 'stand-in.example' } }).end();
  const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();
  expect(response.statusCode).toBe(421);
});

it('finishes the calls it has when it is told to stop', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', 'main.ts'], {
    cwd: __dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { origin } = new URL(/http:\S+/.exec(String(line))?.[0] ?? '');
  const body = JSON.stringify({ kind: 'slow', delayMs: 700 });
  await fetch(`${origin}/stand-in/faults`, { method: 'POST', body });
  const chat = JSON.stringify({ model: 'a', messages: user('x') });
  const answer = fetch(`${origin}/v1/chat/completions`, { method: 'POST', body: chat });
  const ended = once(child, 'exit');
  for (;;) {
    const report = (await (await fetch(`${origin}/stand-in/calls`)).json()) as { open: number };
    if (report.open === 1) break;
  }
  child.kill('SIGTERM');
  expect((await answer).status).toBe(200);
  expect(await ended).toEqual([0, null]);
});

it('says which variable is wrong', async () => {
  const env = { ...process.env, FLEET_STAND_IN_PORT: 'x' };
  const child = spawn(process.execPath, ['--import', 'tsx', 'main.ts'], { cwd: __dirname, env });
  let said = '';
  child.stderr.on('data', (text) => (said += String(text)));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(said).toContain('FLEET_STAND_IN_PORT must be');
});
