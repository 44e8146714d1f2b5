import { environmentFrom, requireOwnEnvironment } from './environment';

const database = (name: string): string => `postgres://fleet:secret-word@db.prod.example.com:5432/${name}`;

it.each([
  [undefined, 'development'],
  ['', 'development'],
  ['dev', 'development'],
  ['Prod', 'production'],
  ['stage', 'staging'],
  ['test', 'test'],
  ['QA2', 'qa2'],
])('FLEET_ENVIRONMENT=%s is %s', (text, environment) => {
  expect(environmentFrom({ FLEET_ENVIRONMENT: text })).toBe(environment);
});

it.each(['qa-eu', 'my env', 'é', 'x'.repeat(51)])('FLEET_ENVIRONMENT=%s is refused', (text) => {
  expect(() => environmentFrom({ FLEET_ENVIRONMENT: text })).toThrow(
    expect.objectContaining({
      code: 'invalid_variable',
      details: expect.objectContaining({ variable: 'FLEET_ENVIRONMENT' }),
    }),
  );
});

const ALLOWED: [string, string, string][] = [
  ['development', 'default', 'fleet'],
  ['development', 'torale-dev.abc123', 'fleet_development'],
  ['development', 'products', 'reproduction'],
  ['development', 'prod2', 'latest'],
  ['development', 'torale-qa', 'fleet_qa'],
  ['test', 'torale.test', 'fleet_test'],
  ['staging', 'torale-stage', 'staging'],
  ['staging', 'default', 'fleet'],
  ['qa', 'torale-QA.abc123', 'fleet_qa'],
  ['qa', 'default', 'fleet'],
  ['production', 'torale-prod.abc123', 'fleet'],
  ['prod', 'production', 'fleet_prod'],
];

it.each(ALLOWED)('%s may use namespace %s with database %s', (environment, namespace, name) => {
  const surroundings = { namespace, databaseUrl: database(name) };
  const env = { FLEET_ENVIRONMENT: environment };
  expect(requireOwnEnvironment(env, surroundings)).toBe(environmentFrom(env));
});

const REFUSED: [string, string | undefined, string | undefined, string, RegExp][] = [
  ['development', 'torale-prod.abc123', 'fleet', 'TEMPORAL_NAMESPACE', /"torale-prod\.abc123" \(production\)/],
  ['development', 'PRODUCTION', 'fleet', 'TEMPORAL_NAMESPACE', /production/],
  ['development', 'torale_stage', 'fleet', 'TEMPORAL_NAMESPACE', /staging/],
  ['development', 'default', 'fleet_prod', 'DATABASE_URL', /"fleet_prod" \(production\)/],
  ['development', 'default', 'fleet_test', 'DATABASE_URL', /test/],
  ['development', 'default', 'fleet%5Fprod', 'DATABASE_URL', /production/],
  ['development', 'dev-of-prod', 'fleet', 'TEMPORAL_NAMESPACE', /production/],
  ['test', 'torale-dev', 'fleet', 'TEMPORAL_NAMESPACE', /development/],
  ['staging', 'torale-prod.abc123', 'fleet', 'TEMPORAL_NAMESPACE', /production/],
  ['staging', 'staging', 'prod', 'DATABASE_URL', /production/],
  ['qa', 'torale-staging', 'fleet', 'TEMPORAL_NAMESPACE', /staging/],
  ['production', 'default', 'fleet', 'TEMPORAL_NAMESPACE', /with the word "production" or "prod".*got "default"/],
  ['production', 'torale-staging', 'fleet', 'TEMPORAL_NAMESPACE', /staging/],
  ['production', 'prod', 'fleet_test', 'DATABASE_URL', /test/],
  ['production', undefined, 'fleet_dev', 'DATABASE_URL', /development/],
];

it.each(REFUSED)('%s may not use namespace %s with database %s', (environment, namespace, name, variable, words) => {
  const surroundings = { ...(namespace && { namespace }), ...(name && { databaseUrl: database(name) }) };
  const run = (): unknown => requireOwnEnvironment({ FLEET_ENVIRONMENT: environment }, surroundings);
  expect(run).toThrow(expect.objectContaining({ code: 'environment_mismatch' }));
  expect(run).toThrow(words);
  expect(run).toThrow(new RegExp(`^${variable} must be `));
  expect(run).not.toThrow(/secret-word|example\.com/);
});

it('takes the name of the user where the address has no database, as clients do', () => {
  expect(() => requireOwnEnvironment({}, { databaseUrl: 'postgres://fleet_prod@db' })).toThrow(/"fleet_prod"/);
  expect(requireOwnEnvironment({}, { databaseUrl: 'no address' })).toBe('development');
});
