import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { startTemporal, TUNED_FLAGS, type RunningTemporal } from './temporal';
import { freePort, temporaryState } from './testing';

const NAMESPACE = 'fleet';

describe('startTemporal', () => {
  const { stateDir, remove } = temporaryState();
  let port = 0;
  let uiPort = 0;
  let running: RunningTemporal | undefined;

  const start = async (): Promise<RunningTemporal> =>
    (running = await startTemporal({
      stateDir,
      port,
      uiPort,
      namespace: NAMESPACE,
      extraNamespaces: ['second'],
      onLine: () => undefined,
    }));

  const withClient = async <T>(use: (client: Client) => Promise<T>): Promise<T> => {
    const connection = await Connection.connect({ address: running?.address });
    try {
      return await use(new Client({ connection, namespace: NAMESPACE }));
    } finally {
      await connection.close();
    }
  };

  beforeAll(async () => {
    [port, uiPort] = [await freePort(), await freePort()];
  });
  afterAll(async () => {
    await running?.stop();
    remove();
  });

  it('is ready when it says so: gRPC, every namespace, the web UI', async () => {
    const { address, uiAddress } = await start();
    expect(address).toBe(`127.0.0.1:${port}`);
    await withClient(async ({ workflowService }) => {
      for (const namespace of ['default', NAMESPACE, 'second']) await workflowService.describeNamespace({ namespace });
    });
    expect((await fetch(String(uiAddress))).status).toBe(200);
  });

  it('passes every tuned flag, and runs in a process group of its own', () => {
    if (process.platform !== 'linux') return;
    const args = readFileSync(`/proc/${running?.pid}/cmdline`, 'utf8').split('\0');
    for (const flag of TUNED_FLAGS) expect(args).toContain(flag);
    const fields = readFileSync(`/proc/${running?.pid}/stat`, 'utf8').split(') ')[1]?.split(' ');
    expect(Number(fields?.[2])).toBe(running?.pid);
  });

  it('refuses a second server on the same folder', async () => {
    await expect(start()).rejects.toMatchObject({ code: 'already_running' });
  });

  it('runs a standalone activity that was accepted before a kill -9, after the restart', async () => {
    await withClient((client) =>
      client.activity.start('greet', {
        id: 'kept',
        taskQueue: 'queue',
        args: ['fleet'],
        startToCloseTimeout: '10s',
      }),
    );
    const first = running as RunningTemporal;
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toContain('SIGKILL');
    const { address } = await start();

    const connection = await NativeConnection.connect({ address });
    const worker = await Worker.create({
      connection,
      namespace: NAMESPACE,
      taskQueue: 'queue',
      activities: { greet: async (name: string) => `hello ${name}` },
    });
    const result = await worker.runUntil(withClient((client) => client.activity.getHandle('kept').result()));
    await connection.close();
    expect(result).toBe('hello fleet');
  });

  it('stops in good order, and twice is once', async () => {
    await running?.stop();
    await running?.stop();
    expect(await running?.exited).toContain('code 0');
  });

  it.each([
    ['FLEET_TEMPORAL_PORT', 'port'],
    ['FLEET_TEMPORAL_UI_PORT', 'uiPort'],
  ] as const)('names %s when its port is taken', async (variable, option) => {
    const other = await listening();
    const ports = { port, uiPort, [option]: (other.address() as AddressInfo).port };
    const attempt = startTemporal({ stateDir, ...ports, namespace: NAMESPACE, onLine: () => undefined });
    await expect(attempt).rejects.toMatchObject({
      code: 'port_in_use',
      remedy: expect.stringContaining(variable),
    });
    other.close();
  });

  it('says what the server said when it dies at the start', async () => {
    const attempt = startTemporal({
      stateDir: `${stateDir}/broken`,
      port,
      uiPort: undefined,
      namespace: '',
      inMemory: true,
      onLine: () => undefined,
    });
    await expect(attempt).rejects.toMatchObject({
      code: 'setup_failed',
      message: expect.stringContaining('ended with code 1'),
    });
  });
});

function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
  });
}
