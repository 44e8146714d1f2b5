import { Caller, type Times } from './chat/caller';
import { startGateway, type Gateway } from './chat/gateway';
import { MESSAGES, MODEL } from './chat/request';
import { startHeldWire, startSilentServer } from './chat/wires';
import { startContestant } from './contestant';
import { appOf, startFleetWorker } from './fleet-worker';
import { interleave } from './interleave';
import { runSteps } from './jobs';
import type { Line, Scale } from './line';
import { oneAtATime } from './load';
import { freePort } from './ports';
import type { Stage } from './stage';
import { differenceOf, median, quantile } from './statistics';
import { said, type Row } from './table';
import { startStandInProvider } from '@fleet/stand-in-provider';

const NAMESPACE = 'g';
const QUEUE = 'high';
const CHAT = { request: { messages: MESSAGES } };
const COMPLETION = { model: MODEL, messages: MESSAGES };
const STREAM = { ...COMPLETION, stream: true };

/** Requests of a turn. Turns are short, so that whatever the machine does beside meets A and B alike. */
const TURN = 10;

type Name = 'a' | 'b' | 'bAgain' | 'held';
/**
 * What must not be much later than what: each asks so many times and gives the time of each, milliseconds. `held` is A with
 * its answers held back: it must miss the targets.
 */
type Contestants = Readonly<Record<Name, (count: number) => Promise<number[]>>>;

interface Comparison {
  /** Of A and B, for the table. */
  readonly what: string;
  readonly contestants: Contestants;
  /** Milliseconds that A may be later at most, at which share of the requests. Without them it is shown alone. */
  readonly targets: readonly { readonly share: number; readonly most?: number }[];
  readonly rounds: number;
  /** Turns of a round. */
  readonly turns: number;
}

/** Where everything is that a comparison needs. */
interface Place {
  readonly stage: Stage;
  readonly scale: Scale;
  /** Base URL of the stand-in provider, which answers at once. */
  readonly provider: string;
}

/** What chats cost beside the time of the provider, which here takes none. */
export const lineG: Line = {
  letter: 'g',
  about:
    "chats: the gateway over its own executor, and over the provider's time in an outage, streamed, and on Temporal",
  namespaces: [NAMESPACE],
  apps: [appOf(QUEUE)],
  async measure(stage, scale) {
    const standIn = await startStandInProvider();
    const end = stage.endings.add(() => standIn.close(), standIn.pid);
    const place = { stage, scale, provider: standIn.url };
    const rows = [
      ...(await overExecutor(place)),
      ...(await inOutage(place)),
      ...(await streamed(place)),
      ...(await onTemporal(place)),
    ];
    await end();
    return rows;
  },
};

async function overExecutor({ stage, scale, provider }: Place): Promise<Row[]> {
  const env = { FLEET_STAND_IN_URL: provider };
  const barePort = await freePort();
  const directEnv = { ...env, DATABASE_URL: stage.databaseUrl, BARE_PORT: String(barePort) };
  // Not frozen: an executor that gives no sign of life loses its lease, and has it to win back.
  const direct = await startContestant<{ count: number }, number[]>(stage, 'chat/direct-process', directEnv, false);
  const gateway = await startGateway(stage, 'g-alone', { ...env, FLEET_TEMPORAL_ENABLED: 'false' });
  const inProcess = (count: number) => direct.measure({ count });
  const against = async ({ caller, held }: Through, asked: Omit<Comparison, 'contestants' | 'turns'>) =>
    compared(stage, {
      ...asked,
      turns: scale.count(20),
      contestants: {
        a: (count) => caller.times(count, 'end'),
        b: inProcess,
        bAgain: inProcess,
        held: (count) => held.times(count, 'end'),
      },
    });
  const rows = await against(await callersOf(stage, gateway, '/v1/chat', CHAT, 10), {
    rounds: scale.rounds(8),
    what: 'the gateway, the same executor in process',
    targets: [
      { share: 0.5, most: 0.6 },
      { share: 0.99, most: 3 },
    ],
  });
  // No gateway can cost less than that: it is what HTTP takes of the same time.
  const bare = { origin: `http://127.0.0.1:${barePort}` };
  const floor = await against(await callersOf(stage, bare, '/v1/chat', CHAT, 10), {
    rounds: scale.rounds(4),
    what: 'a bare node:http server, the same executor in process',
    targets: [{ share: 0.5 }],
  });
  await Promise.all([direct.stop(), gateway.stop()]);
  return [...rows, ...floor];
}

async function inOutage(place: Place): Promise<Row[]> {
  const { stage, scale, provider } = place;
  const gateway = await startGateway(stage, 'g-outage', {
    FLEET_STAND_IN_URL: provider,
    TEMPORAL_ADDRESS: await startSilentServer(stage.endings),
  });
  const through = await callersOf(stage, gateway, '/v1/chat', CHAT, 300);
  // Three chats that find out together open the breaker.
  await Promise.all([1, 2, 3].map(() => new Caller(`${gateway.origin}/v1/chat`, CHAT).ask()));
  if ((await gateway.metric('temporal_circuit_state')) === 0) throw new Error('g: the breaker is not open');
  const rows = await againstProvider(place, {
    what: 'chat while Temporal is silent, breaker open; the provider itself',
    targets: [{ share: 0.99, most: 250 }],
    body: COMPLETION,
    which: 'end',
    through,
    turns: scale.count(10),
  });
  if ((await gateway.metric('temporal_circuit_state')) === 0) throw new Error('g: the breaker closed meanwhile');
  await gateway.stop();
  return rows;
}

async function streamed(place: Place): Promise<Row[]> {
  const { stage, scale, provider } = place;
  const gateway = await startGateway(stage, 'g-stream', {
    FLEET_STAND_IN_URL: provider,
    FLEET_TEMPORAL_ENABLED: 'false',
  });
  const rows = await againstProvider(place, {
    what: 'first byte of a stream; from the provider itself',
    targets: [{ share: 0.5, most: 15 }],
    body: STREAM,
    which: 'first',
    through: await callersOf(stage, gateway, '/v1/chat/completions', STREAM, 30),
    turns: scale.count(10),
  });
  await gateway.stop();
  return rows;
}

async function onTemporal(place: Place): Promise<Row[]> {
  const { stage, scale, provider } = place;
  const env = { FLEET_STAND_IN_URL: provider };
  const worker = await startFleetWorker(stage, QUEUE, NAMESPACE, {}, env);
  await runSteps(stage.client(NAMESPACE), QUEUE, 1);
  const gateway = await startGateway(stage, 'g-temporal', {
    ...env,
    TEMPORAL_ADDRESS: stage.address,
    TEMPORAL_NAMESPACE: NAMESPACE,
  });
  const through = await callersOf(stage, gateway, '/v1/chat', CHAT, 60);
  const turns = scale.count(6);
  const rows = await againstProvider(place, {
    what: 'chat through Temporal; the provider itself',
    targets: [{ share: 0.5, most: 40 }],
    body: COMPLETION,
    which: 'end',
    through,
    turns,
  });
  // What is left of that when the machine's own share is taken off: a chat is a workflow of two steps.
  const twoSteps = (count: number) => oneAtATime(count, () => runSteps(stage.client(NAMESPACE), QUEUE, 2));
  const contestants = {
    a: (count: number) => through.caller.times(count, 'end'),
    b: twoSteps,
    bAgain: twoSteps,
    held: (count: number) => through.held.times(count, 'end'),
  };
  const what = 'chat through Temporal; two steps that do nothing';
  const steps = await compared(stage, { what, targets: [{ share: 0.5 }], contestants, rounds: scale.rounds(3), turns });
  // A chat that went past Temporal would have measured something else.
  const fallbacks = await gateway.metric('temporal_fallback_total');
  if (fallbacks > 0) throw new Error(`g: ${fallbacks} chats went past Temporal`);
  await Promise.all([gateway.stop(), worker.stop()]);
  return [...rows, ...steps];
}

interface Through {
  readonly caller: Caller;
  readonly held: Caller;
}

/** A caller of a gateway, and one whose answers are held back by so many milliseconds. */
async function callersOf(
  { endings }: Stage,
  { origin }: Pick<Gateway, 'origin'>,
  path: string,
  body: object,
  holdMs: number,
): Promise<Through> {
  const held = new Caller(`${await startHeldWire(endings, origin, holdMs)}${path}`, body);
  return { caller: new Caller(`${origin}${path}`, body), held };
}

async function againstProvider(
  { stage, scale, provider }: Place,
  asked: Pick<Comparison, 'what' | 'targets' | 'turns'> & {
    readonly body: object;
    readonly which: keyof Times;
    readonly through: Through;
  },
): Promise<Row[]> {
  const { which, through } = asked;
  const itself = new Caller(`${provider}/chat/completions`, asked.body);
  const askItself = (count: number) => itself.times(count, which);
  const contestants = {
    a: (count: number) => through.caller.times(count, which),
    b: askItself,
    bAgain: askItself,
    held: (count: number) => through.held.times(count, which),
  };
  const rows = await compared(stage, { ...asked, rounds: scale.rounds(5), contestants });
  itself.close();
  return rows;
}

async function compared({ say }: Stage, { what, contestants, targets, rounds, turns }: Comparison): Promise<Row[]> {
  // Not counted: caches fill, code is compiled, connections open.
  await oneRound(contestants, turns);
  const all: Record<Name, number[]>[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const times = await oneRound(contestants, turns);
    all.push(times);
    const each = Object.entries(times).map(
      ([name, ms]) => `${name} ${said(quantile(ms, 0.5), 'ms')} (p99 ${said(quantile(ms, 0.99), 'ms')})`,
    );
    say(`g: ${what}, round ${round} of ${rounds}: ${each.join(', ')}`);
  }
  return targets.map(({ share, most }) => {
    const of = (name: Name) => all.map((times) => quantile(times[name], share));
    return {
      line: 'g',
      what: `p${share * 100}: ${what}`,
      a: said(median(of('a')), 'ms'),
      b: said(median(of('b')), 'ms'),
      ratio: differenceOf(of('a'), of('b')),
      difference: 'ms',
      ...(most !== undefined && { target: { at: 'most', value: most } }),
      same: differenceOf(of('bAgain'), of('b')),
      worse: differenceOf(of('held'), of('b')),
    };
  });
}

/** The times of all turns of a round. */
async function oneRound({ a, b, bAgain, held }: Contestants, turns: number): Promise<Record<Name, number[]>> {
  const times = await interleave(turns, {
    a: () => a(TURN),
    b: () => b(TURN),
    bAgain: () => bAgain(TURN),
    held: () => held(1),
  });
  return { a: times.a.flat(), b: times.b.flat(), bAgain: times.bAgain.flat(), held: times.held.flat() };
}
