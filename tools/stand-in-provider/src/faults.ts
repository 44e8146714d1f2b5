import { z } from 'zod';

const milliseconds = z.int().min(0).max(3_600_000);
const common = {
  /** Calls it happens to: that many, or all until it is taken back. Default 1. */
  times: z.union([z.int().min(1).max(1_000_000), z.literal('always')]).default(1),
  /** Only calls of that model. */
  model: z.string().min(1).optional(),
  /** Only requests of that path, such as `/v1/models`. Default: any call of a model. */
  path: z.string().startsWith('/').optional(),
};
const afterChunks = z.int().min(0).max(10_000);

const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    ...common,
    status: z.int().min(400).max(599),
    /** As it is sent: seconds or an HTTP date. */
    retryAfter: z.string().optional(),
    retryAfterMs: milliseconds.optional(),
    message: z.string().optional(),
  }),
  /** Answers late; `chunkMs` is the pause before each event of a stream. */
  z.strictObject({
    kind: z.literal('slow'),
    ...common,
    delayMs: milliseconds.default(0),
    jitterMs: milliseconds.default(0),
    chunkMs: milliseconds.default(0),
  }),
  /** Ends the connection after so many events, or in the middle of a body. */
  z.strictObject({ kind: z.literal('cut'), ...common, afterChunks: afterChunks.default(2) }),
  /** Sends nothing, or nothing more after so many events, and never ends. */
  z.strictObject({ kind: z.literal('silent'), ...common, afterChunks: afterChunks.optional() }),
  z.strictObject({
    kind: z.literal('nonsense'),
    ...common,
    body: z.enum(['html', 'truncated', 'other', 'empty']).default('html'),
  }),
  /** The messages are too long; with `contextTokens` only when they and the answer's limit are more than that. */
  z.strictObject({ kind: z.literal('overflow'), ...common, contextTokens: z.int().min(1).optional() }),
  z.strictObject({
    kind: z.literal('quota'),
    ...common,
    status: z.union([z.literal(400), z.literal(429)]).default(400),
  }),
  /** An error event in a stream, after so many others. */
  z.strictObject({
    kind: z.literal('error_event'),
    ...common,
    afterChunks: afterChunks.default(2),
    status: z.int().min(400).max(599).default(529),
  }),
  /** Sends each event of a stream in two writes, the first of which ends within a character where there is one of several bytes. */
  z.strictObject({ kind: z.literal('split'), ...common }),
  /** No fault: answers with this text. */
  z.strictObject({ kind: z.literal('say'), ...common, text: z.string() }),
]);

/** Something that happens to calls. */
export type Fault = z.output<typeof faultSchema>;

/** A fault as it is asked for: what is left out has its default. */
export type FaultInput = z.input<typeof faultSchema>;

type Kind = Fault['kind'];
type Of<K extends Kind> = Extract<Fault, { kind: K }>;

/** What happens to one call: at most one of each. */
export interface FaultsOfCall {
  readonly slow?: Of<'slow'> | undefined;
  readonly say?: Of<'say'> | undefined;
  readonly fault?: Exclude<Fault, { kind: 'slow' | 'say' }> | undefined;
}

/** The faults that are set, in their order. */
export class Faults {
  #left: { readonly fault: Fault; times: number }[] = [];

  /** @throws z.ZodError */
  add(input: unknown): Fault {
    const fault = faultSchema.parse(input);
    this.#left.push({ fault, times: fault.times === 'always' ? Infinity : fault.times });
    return fault;
  }

  clear(): void {
    this.#left = [];
  }

  /** What is left of them. */
  list(): readonly object[] {
    return this.#left.map(({ fault, times }) => ({ ...fault, times: times === Infinity ? 'always' : times }));
  }

  /** Takes what happens to this request: for each of the three the first that fits. */
  take(request: {
    readonly path: string;
    readonly model?: string | undefined;
    readonly tokens?: number;
  }): FaultsOfCall {
    const slow = this.#takeFirst(request, (kind) => kind === 'slow');
    const say = this.#takeFirst(request, (kind) => kind === 'say');
    const fault = this.#takeFirst(request, (kind) => kind !== 'slow' && kind !== 'say');
    return { slow, say, fault } as FaultsOfCall;
  }

  #takeFirst(request: Parameters<Faults['take']>[0], wanted: (kind: Kind) => boolean): Fault | undefined {
    const found = this.#left.find(({ fault }) => wanted(fault.kind) && fits(fault, request));
    if (!found) return undefined;
    found.times -= 1;
    if (found.times === 0) this.#left = this.#left.filter((each) => each !== found);
    return found.fault;
  }
}

function fits(fault: Fault, { path, model, tokens = 0 }: Parameters<Faults['take']>[0]): boolean {
  if (fault.path === undefined ? model === undefined : fault.path !== path) return false;
  if (fault.model !== undefined && fault.model !== model) return false;
  return fault.kind !== 'overflow' || fault.contextTokens === undefined || tokens > fault.contextTokens;
}
