import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { waitForSchema } from './schema';
import { openStore, type Store } from './store';
import { createTestDatabase, type TestDatabase } from './test-database';

/** A road to the real Postgres that can be closed, or opened to a void, as a network does. */
class Road {
  readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private mode: 'open' | 'silent' | 'hanging-up' = 'open';
  port = 0;

  constructor(private readonly target: URL) {}

  async open(): Promise<void> {
    this.mode = 'open';
    this.server = createServer((socket) => this.join(socket)).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Connections are accepted, by the system, and nothing ever comes back: on new ones and on those there are. */
  silence(): void {
    this.mode = 'silent';
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  /** What a container's port does while nothing listens inside. */
  hangUp(): void {
    this.mode = 'hanging-up';
    for (const socket of this.sockets) socket.destroy();
  }

  resume(): void {
    this.mode = 'open';
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private join(client: Socket): void {
    this.track(client);
    if (this.mode === 'hanging-up') client.end();
    if (this.mode !== 'open') return;
    const server = connect(Number(this.target.port), this.target.hostname);
    this.track(server);
    client.pipe(server).pipe(client);
  }

  private track(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => {}).on('close', () => this.sockets.delete(socket));
  }
}

// Not expect.any(Error): inside jest the errors of node's own modules are of another realm.
const unavailable = expect.objectContaining({ code: 'store_unavailable', status: 503, cause: expect.anything() });

let database: TestDatabase;
let road: Road;
let store: Store;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.drop());

beforeEach(async () => {
  const url = new URL(database.url);
  road = new Road(new URL(database.url));
  await road.open();
  url.host = `127.0.0.1:${road.port}`;
  store = openStore({ url: url.href, maxConnections: 3 });
  await Promise.all(Array.from({ length: 3 }, () => store.ping()));
});

afterEach(async () => {
  await store.close();
  await road.close();
});

const isAlive = () =>
  store.ping().then(
    () => true,
    () => false,
  );

/** Within 3 s: the first call can still be handed a connection that is just found to be broken. */
async function comesBack(): Promise<void> {
  const end = performance.now() + 3_000;
  while (!(await isAlive())) expect(performance.now()).toBeLessThan(end);
}

/** Milliseconds until every call failed as it should. */
async function timeToFail(calls: () => Promise<unknown>[]): Promise<number> {
  const start = performance.now();
  for (const result of await Promise.allSettled(calls())) {
    expect(result).toEqual({ status: 'rejected', reason: unavailable });
  }
  return performance.now() - start;
}

const put = () => store.artifacts.put(Buffer.alloc(600_000, 1), { owner: 'local', type: 'text/plain' });

test('a server that is gone fails at once, and is found again when it is back', async () => {
  await road.close();
  const calls = () => [store.ping(), store.artifacts.get('art_x'), store.jobs.find('x'), store.schemaVersion(), put()];
  for (let round = 0; round < 5; round += 1) expect(await timeToFail(calls)).toBeLessThan(2_000);
  const waiting = waitForSchema(store, { timeoutMs: 10_000 });
  await expect(waitForSchema(store, { timeoutMs: 300 })).rejects.toEqual(unavailable);
  await road.open();
  expect(await waiting).toBeGreaterThan(0);
  expect((await put()).size).toBe(600_000);
}, 30_000);

test('a connection lost in the middle of an upload fails it and leaves nothing readable', async () => {
  async function* source() {
    yield Buffer.alloc(600_000);
    await road.close();
    yield Buffer.alloc(600_000);
  }
  await expect(store.artifacts.put(source(), { owner: 'local', type: 'x', key: 'lost' })).rejects.toEqual(unavailable);
  await road.open();
  const again = await store.artifacts.put(Buffer.from('again'), { owner: 'local', type: 'x', key: 'lost' });
  expect(again.size).toBe(5);
  expect((await store.artifacts.deleteOlderThan(new Date(Date.now() + 60_000))).deleted).toBeGreaterThanOrEqual(2);
}, 30_000);

test('a server that went silent fails within the deadline, and is found again', async () => {
  road.silence();
  const elapsed = await timeToFail(() => [store.ping(), store.ping(500), store.ping(1_000)]);
  expect(elapsed).toBeLessThan(2_300);
  expect(await timeToFail(() => [store.jobs.find('x')])).toBeLessThan(10_500);
  road.resume();
  await comesBack();
}, 30_000);

test('a door that opens and shuts at once fails the call, without a storm of connections', async () => {
  road.hangUp();
  expect(await timeToFail(() => [store.ping(), store.ping()])).toBeLessThan(1_500);
  expect(road.sockets.size).toBeLessThan(10);
  road.resume();
  await comesBack();
}, 30_000);

test('closing does not wait for a silent server, and nothing works afterwards', async () => {
  road.silence();
  const pending = timeToFail(() => [store.ping(10_000)]);
  const start = performance.now();
  await store.close();
  expect(performance.now() - start).toBeLessThan(3_000);
  await pending;
  await expect(store.ping()).rejects.toEqual(unavailable);
}, 30_000);
