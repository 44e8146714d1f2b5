import { temporalOf } from './temporal-address';

it.each([
  [{}, '127.0.0.1:7233'],
  [{ FLEET_PORT_OFFSET: '1000' }, '127.0.0.1:8233'],
  [{ FLEET_PORT_OFFSET: '1000', FLEET_TEMPORAL_PORT: '7300' }, '127.0.0.1:7300'],
  [{ FLEET_PORT_OFFSET: '1000', TEMPORAL_ADDRESS: 'temporal.internal:7233' }, 'temporal.internal:7233'],
  [{ FLEET_PORT_OFFSET: '1000', TEMPORAL_HOST: 'older.internal:7233' }, 'older.internal:7233'],
])('%j means %s', (env, address) => {
  expect(temporalOf(env).address).toBe(address);
});
