import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createProber } from './prober';
import type { ProviderAdapter } from './provider';
import type { ProviderHealth } from './router-state';
import { BLANK, healthOf } from './test-circumstances';
import { recordingState, type RecordingState } from './test-state';

const never = (): never => {
  throw new Error('a prober sends nothing');
};

/** Asks a real server; sending is not what a prober does. */
function adapterFor(providerId: string, server: Server): ProviderAdapter {
  const { port } = server.address() as AddressInfo;
  return {
    providerId,
    send: never,
    stream: never,
    probe: async ({ signal, timeoutMs }) => {
      const either = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      return (await fetch(`http://127.0.0.1:${port}/`, { signal: either })).ok;
    },
  };
}

async function served(answer: (respond: (status: number) => void) => void): Promise<Server> {
  const server = createServer((_, response) => answer((status) => response.writeHead(status).end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function stateWith(health: Record<string, ProviderHealth> = {}): RecordingState {
  return recordingState({ ...BLANK, health: new Map(Object.entries(health)) });
}

describe('the prober', () => {
  const servers: Server[] = [];
  const open = async (answer: (respond: (status: number) => void) => void): Promise<Server> => {
    const server = await served(answer);
    servers.push(server);
    return server;
  };
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('reports who fails, who does not answer in time, and who is back', async () => {
    const good = await open((respond) => respond(200));
    const bad = await open((respond) => respond(500));
    const mute = await open(() => undefined);
    const state = stateWith({ back: healthOf({ state: 'down' }), well: healthOf() });
    const adapters = new Map([
      ['back', adapterFor('back', good)],
      ['well', adapterFor('well', good)],
      ['new', adapterFor('new', good)],
      ['bad', adapterFor('bad', bad)],
      ['mute', adapterFor('mute', mute)],
    ]);
    await createProber({ adapters, state, timeoutMs: 300 }).probe();
    expect(state.reports.toSorted()).toEqual(['probe failed', 'probe failed', 'probe succeeded']);
  });

  it('goes on until it is stopped', async () => {
    const bad = await open((respond) => respond(500));
    const state = stateWith();
    const prober = createProber({ adapters: new Map([['bad', adapterFor('bad', bad)]]), state, intervalMs: 5 });
    prober.start();
    prober.start();
    while (state.reports.length < 3) await delay(5);
    await prober.stop();
    const then = state.reports.length;
    await delay(50);
    expect(state.reports).toHaveLength(then);
    prober.start();
    while (state.reports.length === then) await delay(5);
    await prober.stop();
  });

  it('a probe that runs when it is stopped says nothing', async () => {
    const asked: number[] = [];
    const mute = await open(() => void asked.push(1));
    const state = stateWith();
    const prober = createProber({ adapters: new Map([['mute', adapterFor('mute', mute)]]), state });
    prober.start();
    while (asked.length === 0) await delay(5);
    await prober.stop();
    expect(state.reports).toEqual([]);
  });
});
