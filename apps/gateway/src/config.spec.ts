import { FleetError } from '@fleet/errors';
import { configFrom, databaseUrlFrom, type Environment } from './config';

const DATABASE_URL = 'postgres://fleet:secret-word@127.0.0.1:5432/fleet';

describe('configFrom', () => {
  it('has defaults for all but the database', () => {
    expect(configFrom({ DATABASE_URL })).toMatchObject({ host: '127.0.0.1', port: 8080, allowedHosts: new Set() });
    expect(configFrom({ DATABASE_URL }).token).toBeUndefined();
  });

  it('moves the default port by the offset, and an explicit one not', () => {
    expect(configFrom({ DATABASE_URL, FLEET_PORT_OFFSET: '100' }).port).toBe(8180);
    expect(configFrom({ DATABASE_URL, FLEET_PORT_OFFSET: '100', FLEET_GATEWAY_PORT: '9000' }).port).toBe(9000);
  });

  it('reads host names with or without port, in any case', () => {
    const { allowedHosts } = configFrom({ DATABASE_URL, FLEET_ALLOWED_HOSTS: 'Fleet.Example.com:443, gateway,' });
    expect(allowedHosts).toEqual(new Set(['fleet.example.com', 'gateway']));
  });

  it('answers to the name it is bound by, and to no unspecified address', () => {
    const token = { DATABASE_URL, FLEET_API_TOKEN: 'x'.repeat(16), FLEET_ALLOWED_HOSTS: 'gateway' };
    const hosts = (host: string) => configFrom({ ...token, FLEET_HOST: host }).allowedHosts;
    expect(hosts('Fleet.Internal.')).toEqual(new Set(['gateway', 'fleet.internal']));
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'localhost']) expect(hosts(host)).toEqual(new Set(['gateway']));
  });

  it('refuses to be reached from elsewhere without a token', () => {
    expect(() => configFrom({ DATABASE_URL, FLEET_HOST: '0.0.0.0' })).toThrow(
      expect.objectContaining({ code: 'token_required' }),
    );
    expect(() => configFrom({ DATABASE_URL, FLEET_HOST: '::' })).toThrow(
      expect.objectContaining({ code: 'token_required' }),
    );
    expect(configFrom({ DATABASE_URL, FLEET_HOST: '0.0.0.0', FLEET_API_TOKEN: 'x'.repeat(16) }).host).toBe('0.0.0.0');
    expect(configFrom({ DATABASE_URL, FLEET_HOST: '[::1]' }).host).toBe('::1');
    expect(configFrom({ DATABASE_URL, FLEET_HOST: 'localhost' }).host).toBe('localhost');
  });

  const bad: readonly (readonly [string, Environment])[] = [
    ['FLEET_GATEWAY_PORT', { FLEET_GATEWAY_PORT: '80a' }],
    ['FLEET_GATEWAY_PORT', { FLEET_GATEWAY_PORT: '65536' }],
    ['FLEET_PORT_OFFSET', { FLEET_PORT_OFFSET: '-1' }],
    ['FLEET_HOST', { FLEET_HOST: 'http://x' }],
    ['FLEET_API_TOKEN', { FLEET_API_TOKEN: 'short' }],
    ['FLEET_API_TOKEN', { FLEET_API_TOKEN: 'sixteen or more but spaces' }],
    ['FLEET_ALLOWED_HOSTS', { FLEET_ALLOWED_HOSTS: 'a,b/c' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://fleet:secret-word@x/y' }],
    ['DATABASE_URL', { DATABASE_URL: '' }],
  ];

  it.each(bad)('names %s when it is bad: %j', (variable, env) => {
    const error = caught(() => configFrom({ DATABASE_URL, ...env }));
    expect(error).toMatchObject({ code: 'invalid_variable', details: { variable } });
  });

  it('refuses the names of another environment', () => {
    const prod = { DATABASE_URL: 'postgres://fleet:secret-word@db/fleet_prod', TEMPORAL_NAMESPACE: 'torale-prod' };
    expect(configFrom({ DATABASE_URL }).environment).toBe('development');
    expect(configFrom({ ...prod, FLEET_ENVIRONMENT: 'prod' }).environment).toBe('production');
    const refused: readonly [string, Environment][] = [
      ['TEMPORAL_NAMESPACE', prod],
      ['TEMPORAL_NAMESPACE', { ...prod, FLEET_ENVIRONMENT: 'staging' }],
      ['DATABASE_URL', { ...prod, FLEET_TEMPORAL_ENABLED: 'false' }],
      ['TEMPORAL_NAMESPACE', { DATABASE_URL, FLEET_ENVIRONMENT: 'production' }],
    ];
    for (const [variable, env] of refused) {
      const error = caught(() => configFrom(env));
      expect(error).toMatchObject({ code: 'environment_mismatch', details: { variable } });
      expect(error.message).not.toContain('secret-word');
    }
    expect(configFrom({ TEMPORAL_NAMESPACE: 'prod', FLEET_TEMPORAL_ENABLED: 'false', DATABASE_URL })).toBeDefined();
  });

  it('never repeats a secret', () => {
    const url = caught(() => databaseUrlFrom({ DATABASE_URL: 'mysql://fleet:secret-word@x/y' }));
    const token = caught(() => configFrom({ DATABASE_URL, FLEET_API_TOKEN: 'secret-word' }));
    expect(`${url.message} ${token.message}`).not.toContain('secret-word');
  });
});

function caught(work: () => unknown): FleetError {
  try {
    work();
  } catch (error) {
    if (error instanceof FleetError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
