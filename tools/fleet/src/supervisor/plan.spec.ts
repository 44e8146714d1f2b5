import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { assertPortsFree, planFleet } from './plan';

/** Every port that a fleet takes, with as many workers as its queues may have. */
function portsOf(env: Readonly<Record<string, string>>): readonly (number | undefined)[] {
  const { apps, temporal, postgres, standIn, mailCatcher } = planFleet(env, ['high=5,standard=3']);
  const others = [temporal?.port, temporal?.uiPort, postgres?.port, standIn?.port, mailCatcher?.port];
  return [...apps.map(({ port }) => port), ...others];
}

describe('planFleet', () => {
  it('takes the defaults: one worker each, ports of the documentation', () => {
    const plan = planFleet({}, []);
    expect(plan.apps.map(({ label, port }) => `${label} ${port}`)).toEqual([
      'gateway 8080',
      'worker-high 9101',
      'worker-standard 9102',
      'worker-background 9103',
      'worker-scheduled 9104',
    ]);
    expect(plan).toMatchObject({
      temporal: { port: 7233, uiPort: 8233 },
      postgres: { port: 5433 },
      namespace: 'default',
      drainMs: 65_000,
      standIn: { label: 'stand-in', port: 8089 },
      mailCatcher: { label: 'mail', port: 1025 },
    });
  });

  it('has no port of a second fleet at the offset that the README names, however many workers each has', () => {
    const readme = readFileSync(join(__dirname, '../../../../README.md'), 'utf8');
    const offset = /FLEET_PORT_OFFSET=(\d+)/.exec(readme)?.[1] ?? '';
    const both = [...portsOf({}), ...portsOf({ FLEET_PORT_OFFSET: offset })];
    expect(both).not.toContain(undefined);
    expect(new Set(both).size).toBe(both.length);
  });

  it('scales with health ports ten apart, within the limit of the table', () => {
    const { apps } = planFleet({ FLEET_PORT_OFFSET: '100' }, ['high=3,standard=0']);
    expect(apps.map(({ label, port }) => `${label} ${port}`)).toEqual([
      'gateway 8180',
      'worker-high 9201',
      'worker-high-2 9211',
      'worker-high-3 9221',
      'worker-background 9203',
      'worker-scheduled 9204',
    ]);
    expect(() => planFleet({}, ['background=2'])).toThrow(
      'FLEET_BACKGROUND_MAX_WORKERS must be at least 2 for --scale background=2, got 1',
    );
    expect(planFleet({ FLEET_BACKGROUND_MAX_WORKERS: '2' }, ['background=2']).apps).toHaveLength(6);
  });

  it.each([
    ['high', '--scale must be like high=2, got "high"'],
    ['high=-1', '--scale must be like high=2'],
    ['low=1', 'No task queue is named "low"'],
  ])('refuses --scale %s', (text, message) => {
    expect(() => planFleet({}, [text])).toThrow(message);
  });

  it('starts no server where the environment names one', () => {
    const plan = planFleet({ TEMPORAL_ADDRESS: 'temporal:7233', DATABASE_URL: 'postgres://db/fleet' }, []);
    expect(plan.temporal).toBeUndefined();
    expect(plan.postgres).toBeUndefined();
  });

  it('runs the gateway alone when Temporal is switched off', () => {
    const plan = planFleet({ FLEET_TEMPORAL_ENABLED: 'false', TEMPORAL_ADDRESS: 'temporal:7233' }, []);
    expect(plan.apps.map(({ label }) => label)).toEqual(['gateway']);
    expect(plan.temporal).toBeUndefined();
    expect(plan.postgres).toEqual({ port: 5433 });
    expect(planFleet({ FLEET_TEMPORAL_ENABLED: 'false' }, [])).not.toHaveProperty('mailCatcher');
    expect(planFleet({ FLEET_TEMPORAL_ENABLED: 'false' }, []).temporal).toBeUndefined();
    expect(() => planFleet({ FLEET_TEMPORAL_ENABLED: 'off' }, [])).toThrow(
      'FLEET_TEMPORAL_ENABLED must be true or false, got "off"',
    );
  });

  it.each([
    'FLEET_MODELS',
    'FLEET_MODEL_URL',
    'FLEET_STAND_IN_URL',
    'OPENAI_API_KEY',
    'OPENAI_BASE_URL',
    'ANTHROPIC_API_KEY',
  ])('plans no stand-in provider with %s', (variable) => {
    expect(planFleet({ [variable]: 'x' }, []).standIn).toBeUndefined();
    expect(planFleet({ [variable]: '', FLEET_PORT_OFFSET: '10' }, []).standIn?.port).toBe(8099);
  });

  it('plans no mail catcher where the environment names a mail server', () => {
    expect(planFleet({ FLEET_SMTP_URL: 'smtp://mail.example.com' }, []).mailCatcher).toBeUndefined();
    expect(planFleet({ FLEET_SMTP_URL: '', FLEET_PORT_OFFSET: '10' }, []).mailCatcher?.port).toBe(1035);
  });

  it('names a certificate that cannot be read, before anything is started', () => {
    const env = { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere.pem' };
    expect(() => planFleet(env, [])).toThrow('/nowhere.pem');
  });

  it.each([
    [{ FLEET_LOG_LEVEL: 'loud' }, /FLEET_LOG_LEVEL must be one of .*"loud"/],
    [{ FLEET_HOST: 'http://x' }, /FLEET_HOST must be .*"http:\/\/x"/],
    [{ FLEET_API_TOKEN: 'short' }, /FLEET_API_TOKEN must be .*5 characters/],
    [{ FLEET_HOST: '0.0.0.0' }, /Binding to 0\.0\.0\.0 without FLEET_API_TOKEN/],
  ])('refuses what the apps would refuse, before anything is started: %j', (env, message) => {
    expect(() => planFleet(env, [])).toThrow(message);
  });

  it('blames FLEET_HOST for an address of another machine', async () => {
    const env = { FLEET_HOST: '[2001:db8::1]', FLEET_API_TOKEN: 'x'.repeat(16), FLEET_PORT_OFFSET: '12000' };
    await expect(assertPortsFree(planFleet(env, []))).rejects.toThrow('FLEET_HOST must be an address of this machine');
  });

  it('refuses the names of another environment, before anything is started', () => {
    expect(planFleet({ TEMPORAL_NAMESPACE: 'torale-stage', FLEET_ENVIRONMENT: 'staging' }, []).environment).toBe(
      'staging',
    );
    for (const env of [
      { TEMPORAL_NAMESPACE: 'torale-prod' },
      { DATABASE_URL: 'postgres://db/fleet_prod' },
      { FLEET_ENVIRONMENT: 'production' },
    ])
      expect(() => planFleet(env, [])).toThrow(expect.objectContaining({ code: 'environment_mismatch' }));
    const alone = { FLEET_TEMPORAL_ENABLED: 'false', FLEET_ENVIRONMENT: 'production' };
    expect(planFleet(alone, []).environment).toBe('production');
  });

  it('names a bad variable', () => {
    expect(() => planFleet({ FLEET_TEMPORAL_PORT: 'x' }, [])).toThrow('FLEET_TEMPORAL_PORT must be a whole number');
    expect(() => planFleet({ FLEET_TEMPORAL_UI_URL: 'ui' }, [])).toThrow('FLEET_TEMPORAL_UI_URL must be an http://');
  });
});

describe('assertPortsFree', () => {
  let taken: Server;
  let port: string;

  beforeAll(async () => {
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '0.0.0.0', resolve));
    port = String((taken.address() as AddressInfo).port);
  });
  afterAll(() => taken.close());

  it.each([
    ['FLEET_GATEWAY_PORT', 'gateway'],
    ['FLEET_TEMPORAL_PORT', 'Temporal'],
    ['FLEET_TEMPORAL_UI_PORT', "Temporal's web UI"],
    ['FLEET_POSTGRES_PORT', 'Postgres'],
    ['FLEET_STANDARD_HEALTH_PORT', 'worker-standard'],
    ['FLEET_STAND_IN_PORT', 'the stand-in provider'],
    ['FLEET_MAIL_CATCHER_PORT', 'the mail catcher'],
  ])('names %s and who wants it', async (variable, user) => {
    const plan = planFleet({ FLEET_PORT_OFFSET: '12000', [variable]: port }, []);
    await expect(assertPortsFree(plan)).rejects.toMatchObject({
      code: 'port_in_use',
      message: `Port ${port}, wanted by ${user}, is in use`,
      remedy: `Set ${variable} to a free port, or FLEET_PORT_OFFSET to move them all.`,
    });
  });

  it('refuses two that want the same port', async () => {
    const plan = planFleet(
      { FLEET_PORT_OFFSET: '12000', FLEET_GATEWAY_PORT: '21000', FLEET_HIGH_HEALTH_PORT: '21000' },
      [],
    );
    await expect(assertPortsFree(plan)).rejects.toThrow('wanted by worker-high as well as gateway');
  });
});
