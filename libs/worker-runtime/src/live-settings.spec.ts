import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startStandInProvider, type StandInProvider } from '@fleet/stand-in-provider';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import { openFleetClient, type FleetClient } from '@fleet/temporal-client';
import { createTestNamespace } from '@fleet/temporal-client/test-namespace';

jest.setTimeout(120_000);

const MAIN = resolve(__dirname, '../../../apps/worker-high/src/main.ts');
const LOADER = pathToFileURL(require.resolve('tsx')).href;

let provider: StandInProvider;
let database: TestDatabase;
let client: FleetClient;
let folder: string;
let worker: ChildProcess;
let output = '';

beforeAll(async () => {
  const [namespace, port] = await Promise.all([createTestNamespace(), freePort()]);
  [provider, database] = await Promise.all([startStandInProvider(), createTestDatabase()]);
  client = openFleetClient({ env: namespace.env, deadlineMs: 20_000 });
  folder = mkdtempSync(join(tmpdir(), 'live-settings-'));
  settings({ FLEET_MODELS: catalog('first') });
  worker = spawn(process.execPath, ['--import', LOADER, MAIN], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      ...namespace.env,
      DATABASE_URL: database.url,
      FLEET_HIGH_HEALTH_PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  worker.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  await until(() => output.includes('"msg":"running"'));
});

afterAll(async () => {
  worker.kill('SIGKILL');
  await Promise.all([client.close(), provider.close()]);
  await database.drop();
  rmSync(folder, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    if (worker.exitCode !== null) throw new Error(`the worker has ended: ${output}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Writes `.env` of the folder that the worker was started in. */
function settings(variables: Readonly<Record<string, string>>): void {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(folder, '.env'), lines.join(''));
}

/** Writes a file of models with this one. @returns its path */
function catalog(id: string): string {
  const path = join(folder, `${id}.json`);
  const numbers = { weight: 5, context_tokens: 1000, input_per_1k: 0, output_per_1k: 0 };
  const providers = [{ id: 'stand-in', kind: 'openai', base_url: provider.url }];
  writeFileSync(path, JSON.stringify({ providers, models: [{ id, provider_id: 'stand-in', ...numbers }] }));
  return path;
}

type Line = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };
const lines = (): readonly Line[] => output.split('\n').flatMap((text) => (text ? [JSON.parse(text) as Line] : []));

const answers = (): readonly Line[] => lines().filter(({ msg }) => msg.startsWith('the settings '));

/** Sends SIGHUP. @returns the line of the log that answers it */
async function reload(): Promise<Line | undefined> {
  const before = answers().length;
  worker.kill('SIGHUP');
  await until(() => output.endsWith('\n') && answers().length > before);
  return answers().at(-1);
}

async function ask(modelHint: string): Promise<string | undefined> {
  const request = { messages: [{ role: 'user' as const, content: 'Hello.' }], modelHint };
  const { id } = await client.start('chat', { request, policy: {} });
  const outcome = await client.result(id, { waitMs: 30_000 });
  if ('failure' in outcome) return outcome.failure.code;
  return 'result' in outcome ? (outcome.result as { decision: { modelId: string } }).decision.modelId : undefined;
}

describe('a worker', () => {
  it('says in one line, without a stack or a token, that a chat named a model that there is not', async () => {
    expect(await ask('gpt-99')).toBe('unknown_model');
    await until(() => output.endsWith('\n') && lines().some(({ msg }) => msg === 'Workflow failed'));
    const told = lines().filter(({ msg }) => /failed/.test(msg));
    expect(told).toEqual([
      expect.objectContaining({ level: 'warn', workflowType: 'chat', reason: expect.stringContaining('gpt-99') }),
    ]);
    expect(output).not.toMatch(/taskToken|\\n +at /);
  });

  it('says in one line, without a stack, that a step failed for good and its workflow with it', async () => {
    const { id } = await client.start('generateImage', { prompt: 'a snuff film' });
    expect(await client.result(id, { waitMs: 30_000 })).toMatchObject({ failure: { code: 'content_rejected' } });
    const told = () => lines().filter(({ msg, workflowId }) => msg === 'Workflow failed' && workflowId === id);
    await until(() => output.endsWith('\n') && told().length > 0);
    expect(told()).toEqual([expect.objectContaining({ level: 'warn', reason: expect.stringContaining('snuff film') })]);
    expect(output).not.toMatch(/\\n +at /);
  });

  it('takes models, log level and rate when it is sent SIGHUP, and goes on working', async () => {
    expect(await ask('first')).toBe('first');
    const variables = { FLEET_MODELS: catalog('second'), FLEET_LOG_LEVEL: 'debug' };
    settings({ ...variables, FLEET_HIGH_ACTIVITIES_PER_SECOND: '77' });
    expect(await reload()).toMatchObject({ level: 'info', log_level: 'debug', models: 1, per_second: 77 });
    expect(await ask('second')).toBe('second');
    await until(async () => (await client.queue('high')).rate.perSecond === 77);
    await until(() => output.endsWith('\n') && lines().some(({ level }) => level === 'debug'));
    expect(output).not.toContain('taskToken');
  });

  it.each([
    ['FLEET_LOG_LEVEL', 'loud'],
    ['FLEET_HIGH_ACTIVITIES_PER_SECOND', 'many'],
    ['FLEET_MODEL_HEDGE_AFTER_MS', 'soon'],
  ])('keeps all it has when %s cannot be used, and names variable and value', async (variable, value) => {
    settings({ FLEET_MODELS: catalog('third'), [variable]: value });
    const line = await reload();
    expect(line).toMatchObject({ level: 'error', code: 'invalid_variable' });
    expect(line?.['reason']).toMatch(new RegExp(`${variable} must be .*${value}`));
    expect(await ask('second')).toBe('second');
  });

  it('drains as ever', async () => {
    worker.kill('SIGTERM');
    expect((await once(worker, 'exit'))[0]).toBe(0);
  });
});
