import { createServer } from 'node:net';
import { startHealthServer } from './health-server';
import { hostFrom } from './settings';

const options = {
  portVariable: 'FLEET_HIGH_HEALTH_PORT',
  readiness: () => ({ ready: true, details: {} }),
  metrics: async () => '',
};

it.each(['192.0.2.1', '2001:db8::1', 'no-such-host.invalid'])('FLEET_HOST=%s is blamed, not the port', async (host) => {
  await expect(startHealthServer({ ...options, host: hostFrom({ FLEET_HOST: host }), port: 0 })).rejects.toMatchObject({
    code: 'invalid_variable',
    message: `Environment variable FLEET_HOST must be an address of this machine, got ${host}`,
  });
});

it('takes an IPv6 address with the brackets of a URL', () => {
  expect(hostFrom({ FLEET_HOST: '[::1]' })).toBe('::1');
  expect(() => hostFrom({ FLEET_HOST: 'http://x' })).toThrow('FLEET_HOST must be an IP address or a host name');
});

it('names a port in use', async () => {
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
  const { port } = taken.address() as { port: number };
  await expect(startHealthServer({ ...options, host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'port_in_use',
    details: { variable: 'FLEET_HIGH_HEALTH_PORT' },
  });
  await new Promise((done) => taken.close(done));
});
