import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { FleetClient } from './fleet-client';
import { openFleetClient } from './open';
import { createTestNamespace, type TestNamespace } from './test-namespace';

const PATIENCE_MS = 5000;

async function listen(
  onSocket: (socket: Socket) => void,
  port = 0,
): Promise<{ server: Server; port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Every method that talks to the server. */
function calls(client: FleetClient): Record<string, () => Promise<unknown>> {
  return {
    startJob: () => client.start('probe', {}, { id: 'mine' }),
    startWorkflow: () => client.start('probeSteps', {}),
    describe: () => client.describe('a'),
    result: () => client.result('a', { waitMs: 60_000 }),
    cancel: () => client.cancel('a'),
    signal: () => client.signal('a', 's'),
    query: () => client.query('a', 'q'),
    retry: () => client.retry('a'),
    list: () => client.list(),
    history: () => client.history('a'),
    queues: () => client.queues(),
    setRate: () => client.setRate('high', 1),
    workers: () => client.workers(),
    hasPollers: () => client.hasPollers('high'),
    removeSchedule: () => client.removeSchedule('s'),
    ping: () => client.ping(),
  };
}

async function expectAllUnavailable(client: FleetClient): Promise<void> {
  const startedAt = Date.now();
  const ends = await Promise.all(
    Object.entries(calls(client)).map(async ([name, call]) => {
      const code = await call().then(
        () => 'no error',
        (error: { code?: string }) => error.code ?? 'another error',
      );
      return [name, code, Date.now() - startedAt < PATIENCE_MS];
    }),
  );
  expect(ends).toEqual(Object.keys(calls(client)).map((name) => [name, 'temporal_unavailable', true]));
}

it('can be closed while a call waits to be tried again', async () => {
  const gone = await listen(() => undefined);
  await gone.close();
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', note);
  try {
    const client = openFleetClient({ env: { TEMPORAL_ADDRESS: `127.0.0.1:${gone.port}` }, deadlineMs: 150 });
    await expect(client.ping()).rejects.toMatchObject({ code: 'temporal_unavailable' });
    await client.close();
    await new Promise((resolve) => setTimeout(resolve, 500));
  } finally {
    process.off('uncaughtException', note);
  }
  expect(uncaught).toEqual([]);
});

it('says within 5 s that nobody listens', async () => {
  const gone = await listen(() => undefined);
  await gone.close();
  const client = openFleetClient({ env: { TEMPORAL_ADDRESS: `127.0.0.1:${gone.port}` } });
  await expectAllUnavailable(client);
  await client.close();
});

it('says within 5 s that a server is silent', async () => {
  const silent = await listen(() => undefined);
  const client = openFleetClient({ env: { TEMPORAL_ADDRESS: `127.0.0.1:${silent.port}` } });
  await expectAllUnavailable(client);
  await client.close();
  await silent.close();
});

describe('with a proxy before the server', () => {
  let place: TestNamespace;
  let opened = 0;
  const toServer = (socket: Socket): void => {
    opened++;
    const [host, port] = place.address.split(':');
    const upstream = connect(Number(port), host).on('error', () => socket.destroy());
    socket
      .pipe(upstream)
      .pipe(socket)
      .on('close', () => upstream.destroy());
  };

  beforeAll(async () => {
    place = await createTestNamespace();
  });

  it('sends 1000 calls at once over one socket, and closes it', async () => {
    opened = 0;
    const proxy = await listen(toServer);
    const env = { ...place.env, TEMPORAL_ADDRESS: `127.0.0.1:${proxy.port}` };
    const client = openFleetClient({ env, deadlineMs: 30_000 });
    const second = openFleetClient({ env, deadlineMs: 30_000 });
    await Promise.all(Array.from({ length: 1000 }, (_, index) => (index % 2 ? client : second).ping()));
    expect(opened).toBe(1);
    expect(await connections(proxy.server)).toBe(1);
    await client.close();
    await second.close();
    for (let tries = 0; tries < 50 && (await connections(proxy.server)) > 0; tries++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await connections(proxy.server)).toBe(0);
    await proxy.close();
  });

  it('finds a server again within seconds of its return', async () => {
    const first = await listen(toServer);
    const client = openFleetClient({ env: { ...place.env, TEMPORAL_ADDRESS: `127.0.0.1:${first.port}` } });
    await client.ping();
    await first.close();
    const end = Date.now() + 12_000;
    while (Date.now() < end) await expect(client.ping(1000)).rejects.toMatchObject({ code: 'temporal_unavailable' });
    const again = await listen(toServer, first.port);
    const backAt = Date.now();
    while (
      !(await client.ping(1000).then(
        () => true,
        () => false,
      ))
    )
      expect(Date.now() - backAt).toBeLessThan(5000);
    await client.close();
    await again.close();
  });

  it('says that a namespace does not exist', async () => {
    const client = openFleetClient({ env: { ...place.env, TEMPORAL_NAMESPACE: 'none-such' } });
    await expect(client.ping()).rejects.toMatchObject({ code: 'temporal_unavailable' });
    await expect(client.describe('x')).rejects.toMatchObject({ code: 'temporal_unavailable' });
    await expect(client.start('probe', {})).rejects.toMatchObject({ code: 'temporal_unavailable' });
    await client.close();
  });
});

function connections(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}
