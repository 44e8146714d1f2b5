import { FleetError } from '@fleet/errors';
import { gatewayUrlFrom, type Environment } from './environment';
import type { Artifact, JobOutcome, Problem, Started } from './gateway-contract';

/** The gateway refused: its problem+json, to be shown as it is. */
export class GatewayProblem extends Error {
  override readonly name = 'GatewayProblem';

  constructor(
    readonly problem: Problem,
    readonly status: number,
  ) {
    super(problem.detail ?? problem.title ?? `the gateway answered ${status}`);
  }
}

/** What a request carries beside its method and path. */
export interface Request {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds until the request is given up. Default 40,000: more than the longest wait of the gateway. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** How a job is submitted. */
export interface Submission {
  readonly workflow: string;
  readonly input: unknown;
  readonly id?: string | undefined;
  readonly queue?: string | undefined;
  readonly priority?: number | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** The one way by which the CLI talks to the gateway. */
export class GatewayApi {
  readonly url: string;
  readonly #token: string | undefined;

  /** `FLEET_GATEWAY_URL`, else the gateway's port on this machine; `FLEET_API_TOKEN` as bearer when set. */
  constructor(env: Environment) {
    this.url = gatewayUrlFrom(env);
    this.#token = env['FLEET_API_TOKEN'] || undefined;
  }

  /**
   * The JSON of an answer.
   *
   * @throws FleetError `gateway_unreachable`, `not_a_gateway`; GatewayProblem for an answer of 400 or more.
   */
  async json<Answer>(method: string, path: string, request: Request = {}): Promise<Answer> {
    const response = await this.send(method, path, request);
    const text = await response.text();
    try {
      return (text === '' ? {} : JSON.parse(text)) as Answer;
    } catch (cause) {
      const got = response.headers.get('content-type') ?? 'bytes without a type';
      throw new FleetError('not_a_gateway', { url: this.url, got }, { cause });
    }
  }

  /** The answer itself, for bytes. Throws as `json` does. */
  async send(method: string, path: string, request: Request = {}): Promise<Response> {
    const raw = request.body instanceof Uint8Array;
    const timeout = AbortSignal.timeout(request.timeoutMs ?? 40_000);
    let response: Response;
    try {
      response = await fetch(this.#address(path, request.query), {
        method,
        headers: {
          ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
          ...(request.body === undefined || raw ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
        },
        ...(request.body === undefined
          ? {}
          : { body: raw ? (request.body as Uint8Array<ArrayBuffer>) : JSON.stringify(request.body) }),
        signal: request.signal ? AbortSignal.any([timeout, request.signal]) : timeout,
      });
    } catch (error) {
      if (request.signal?.aborted) throw error;
      throw new FleetError('gateway_unreachable', { url: this.url }, { cause: error });
    }
    if (response.status >= 400) throw await problemOf(response);
    return response;
  }

  submit(job: Submission): Promise<Started> {
    const { idempotencyKey, ...body } = job;
    const headers: Record<string, string> = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
    return this.json('POST', '/v1/jobs', { body, headers });
  }

  /** How the job ended, or that it has not within `waitMs` (at most 30 s a call). */
  outcome(id: string, waitMs: number, signal?: AbortSignal): Promise<JobOutcome> {
    const wait = `${Math.min(30, Math.ceil(waitMs / 1000))}s`;
    return this.json('GET', `/v1/jobs/${encodeURIComponent(id)}/result`, {
      query: { wait },
      ...(signal && { signal }),
    });
  }

  putArtifact(name: string, bytes: Uint8Array, type: string): Promise<Artifact> {
    const headers = { 'content-type': type };
    return this.json('POST', '/v1/artifacts', { query: { name }, body: bytes, headers, timeoutMs: 120_000 });
  }

  async artifactBytes(id: string): Promise<Uint8Array> {
    const response = await this.send('GET', `/v1/artifacts/${encodeURIComponent(id)}`, { timeoutMs: 120_000 });
    return new Uint8Array(await response.arrayBuffer());
  }

  #address(path: string, query: Request['query'] = {}): string {
    const given = Object.entries(query).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
    const search = new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)])).toString();
    return `${this.url}${path}${search === '' ? '' : `?${search}`}`;
  }
}

async function problemOf(response: Response): Promise<GatewayProblem> {
  const text = await response.text().catch(() => '');
  try {
    return new GatewayProblem(JSON.parse(text) as Problem, response.status);
  } catch {
    // A proxy in between answers in its own words.
    return new GatewayProblem({ detail: `${response.status} ${response.statusText}`.trim() }, response.status);
  }
}
