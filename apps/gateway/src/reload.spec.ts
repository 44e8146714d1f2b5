import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startStandInProvider, type StandInProvider } from '@fleet/stand-in-provider';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import { asking } from './testing/chat-gateway';
import { bundleGateway, originOf, type BundledGateway, type GatewayProcess } from './testing/gateway-process';
import { modelsAt } from './testing/models';
import { until } from './testing/until';

let provider: StandInProvider;
let database: TestDatabase;
let bundle: BundledGateway;
let gateway: GatewayProcess;
let origin: string;

beforeAll(async () => {
  [provider, database, bundle] = await Promise.all([startStandInProvider(), createTestDatabase(), bundleGateway()]);
  settings({ FLEET_MODELS: modelsFile('first') });
  gateway = bundle.run({
    DATABASE_URL: database.url,
    FLEET_TEMPORAL_ENABLED: 'false',
    FLEET_MODEL_HEDGE_AFTER_MS: '0',
  });
  origin = await originOf(gateway);
});
afterAll(async () => {
  bundle.remove();
  await provider.close();
  await database.drop();
});

const modelsFile = (id: string): string => modelsAt(provider.url, [{ id }])['FLEET_MODELS'] ?? '';

/** Writes `.env` of the folder that the gateway was started in. */
function settings(variables: Readonly<Record<string, string>>): void {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(bundle.folder, '.env'), lines.join(''));
}

const answers = (): readonly string[] =>
  gateway
    .out()
    .split('\n')
    .filter((line) => /"msg":"the settings /.test(line));

/** Sends SIGHUP. @returns the line of the log that answers it */
async function reload(): Promise<Record<string, unknown>> {
  const before = answers().length;
  gateway.child.kill('SIGHUP');
  await until(() => answers().length > before);
  return JSON.parse(answers().at(-1) ?? '{}') as Record<string, unknown>;
}

const names = async (): Promise<readonly string[]> => {
  const { data } = (await (await fetch(`${origin}/v1/models`)).json()) as { data: { id: string }[] };
  return data.map(({ id }) => id);
};

async function ask(text: string): Promise<{ status: number; model: string }> {
  const response = await fetch(`${origin}/v1/chat`, {
    method: 'POST',
    body: JSON.stringify(asking(text)),
    headers: { 'content-type': 'application/json' },
  });
  const { negotiated_model: model } = (await response.json()) as { negotiated_model: string };
  return { status: response.status, model };
}

describe('a gateway that is sent SIGHUP', () => {
  it('takes other models for the next request, and goes on with the one it has', async () => {
    await provider.fail({ kind: 'slow', delayMs: 1500 });
    const begun = ask('Slowly, please.');
    await until(async () => (await provider.calls()).total === 1);
    settings({ FLEET_MODELS: modelsFile('second'), FLEET_MODEL_EXPLORATION: 'thompson' });
    expect(await reload()).toMatchObject({ level: 'info', log_level: 'info', models: 1 });
    expect(await names()).toEqual(['second', 'auto']);
    expect(await ask('And now?')).toEqual({ status: 200, model: 'second' });
    expect(await begun).toEqual({ status: 200, model: 'first' });
  });

  it.each([
    ['FLEET_LOG_LEVEL', 'loud', /FLEET_LOG_LEVEL must be one of trace, .*, got "loud"/],
    ['FLEET_MODEL_EXPLORATION', 'greedy', /FLEET_MODEL_EXPLORATION must be one of .*, got "greedy"/],
    ['FLEET_MODELS', '/no/such.json', /FLEET_MODELS: \/no\/such\.json/],
  ])('keeps all it has when %s cannot be used, and says so in one line', async (variable, value, reason) => {
    settings({ FLEET_MODELS: modelsFile('third'), [variable]: value });
    expect(await reload()).toMatchObject({ level: 'error', reason: expect.stringMatching(reason) });
    expect(await names()).toEqual(['second', 'auto']);
    expect(await ask('Still there?')).toEqual({ status: 200, model: 'second' });
  });

  it('takes another log level; what it was given at its start comes before the file', async () => {
    const told = (): number => gateway.out().split('"path":"/v1/models"').length;
    const before = told();
    await names();
    settings({ FLEET_MODELS: modelsFile('fourth'), FLEET_LOG_LEVEL: 'debug', FLEET_MODEL_HEDGE_AFTER_MS: 'soon' });
    expect(await reload()).toMatchObject({ log_level: 'debug' });
    await names();
    await until(() => told() === before + 1);
    settings({ FLEET_MODELS: modelsFile('fourth') });
    expect(await reload()).toMatchObject({ log_level: 'info' });
    gateway.child.kill('SIGTERM');
    expect((await gateway.exit).code).toBe(0);
  });
});
