import { createServer, type AddressInfo } from 'node:net';
import { assertPortFree } from './ports';

describe('assertPortFree', () => {
  const server = createServer();
  let port = 0;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    port = (server.address() as AddressInfo).port;
  });

  it('names the port, who wanted it and the variable that moves it', async () => {
    const attempt = assertPortFree(port, '127.0.0.1', 'FLEET_TEMPORAL_PORT', 'Temporal');
    await expect(attempt).rejects.toMatchObject({
      code: 'port_in_use',
      message: `Port ${port}, wanted by Temporal, is in use`,
      remedy: expect.stringContaining('FLEET_TEMPORAL_PORT'),
    });
  });

  it('says so when the address is not one of this machine', async () => {
    await expect(assertPortFree(port, '203.0.113.1', 'FLEET_HOST')).rejects.toMatchObject({
      code: 'invalid_variable',
      message: expect.stringMatching(/FLEET_HOST.*203\.0\.113\.1/),
    });
  });

  it('leaves a free port free', async () => {
    await new Promise((resolve) => server.close(resolve));
    await assertPortFree(port, '127.0.0.1', 'FLEET_TEMPORAL_PORT');
    await assertPortFree(port, '127.0.0.1', 'FLEET_TEMPORAL_PORT');
  });
});
