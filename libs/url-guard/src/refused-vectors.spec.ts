import { isFleetError, type FleetError } from '@fleet/errors';
import { request } from 'undici';
import { guardedFetch } from './guarded-fetch';
import { NAMES, REFUSED } from './refused-vectors';
import { startCanary, type Canary } from './test-servers';

let canary: Canary;
beforeAll(async () => {
  canary = await startCanary();
});
afterAll(() => canary.close());

const atCanary = (url: string) => url.replaceAll('PORT', String(canary.port));

const resolve = (host: string) => Promise.resolve(NAMES[host] ?? []);

// The port of the canary is allowed, so that nothing but the rule of each vector stands before it.
async function refusalOf(url: string): Promise<FleetError> {
  const policy = { ports: [80, 443, canary.port] };
  const error: unknown = await guardedFetch(url, { policy, resolve, field: 'input.url' }).catch(
    (thrown: unknown) => thrown,
  );
  if (!isFleetError(error)) throw new Error(`not refused: ${url}: ${String(error)}`);
  return error;
}

it('has at least 60 vectors, all different', () => {
  expect(REFUSED.length).toBeGreaterThanOrEqual(60);
  expect(new Set(REFUSED.map(({ url }) => url)).size).toBe(REFUSED.length);
});

it('has a canary that hears', async () => {
  for (const address of canary.addresses) {
    const before = canary.connections();
    const host = address.includes(':') ? `[${address}]` : address;
    await expect(request(`http://${host}:${canary.port}/`)).rejects.toThrow(/closed|ECONNRESET|other side/);
    expect([address, canary.connections() > before]).toEqual([address, true]);
  }
});

it.each(REFUSED.filter(({ reaches }) => reaches).map(({ url }) => [url]))(
  'is worth refusing: %j reaches the canary without the guard',
  async (url) => {
    const before = canary.connections();
    await expect(request(new URL(atCanary(url)))).rejects.toThrow(/closed|ECONNRESET|other side/);
    expect(canary.connections()).toBeGreaterThan(before);
  },
);

it.each(REFUSED.map(({ url, rule }) => [url.slice(0, 60), rule, url] as const))(
  'refuses %j by the rule %s, without a connection',
  async (_shown, rule, url) => {
    const before = canary.connections();
    const error = await refusalOf(atCanary(url));
    expect([error.code, error.details['rule']]).toEqual(['url_refused', rule]);
    expect(error.fields).toEqual([{ field: 'input.url', rule: error.details['reason'], got: error.details['got'] }]);
    // A connection would be there only after a turn of the event loop.
    await new Promise((done) => setTimeout(done, 5));
    expect(canary.connections()).toBe(before);
  },
);
