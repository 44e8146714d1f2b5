// Watches a page that changes, and is told once: npx tsx examples/monitor.ts
// It needs a fleet that may read this machine: FLEET_MONITOR_ALLOW=127.0.0.1:8099 npm start
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Port of the page and of the receiver of webhooks, unless EXAMPLE_PORT says otherwise. */
const PORT = 8099;

/** A notice as it arrived. */
interface Notice {
  readonly id: string;
  readonly monitor: { readonly name: string };
  readonly execution: { readonly summary: string | null };
}

interface State {
  price: number;
  secret: string;
  readonly notices: Notice[];
}

/** What this example serves: a page to watch, and a receiver of notices. */
function serve(port: number) {
  const state: State = { price: 12, secret: '', notices: [] };
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<p>The price of the lamp is ${state.price} €.</p>`);
      return;
    }
    void receive(request, response, state);
  });
  server.listen(port, '127.0.0.1');
  return { state, close: () => server.close() };
}

/** Believes nobody without the monitor's secret. */
async function receive(request: IncomingMessage, response: ServerResponse, { secret, notices }: State): Promise<void> {
  const body = await textOf(request);
  const genuine = isGenuine(String(request.headers['fleet-signature']), body, secret);
  const notice = JSON.parse(body) as Notice;
  // One that arrives again has the id of the first.
  if (genuine && !notices.some(({ id }) => id === notice.id)) notices.push(notice);
  response.writeHead(genuine ? 204 : 401).end();
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

/** `t=seconds,v1=signature`: HMAC-SHA256 of `seconds.body` under the monitor's secret, and not older than five minutes. */
export function isGenuine(header: string, body: string, secret: string): boolean {
  const [, seconds = '', signature = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  const expected = createHmac('sha256', secret).update(`${seconds}.${body}`).digest();
  const given = Buffer.from(signature, 'hex');
  return (
    given.length === expected.length &&
    timingSafeEqual(given, expected) &&
    Math.abs(Date.now() / 1000 - Number(seconds)) < 300
  );
}

/** The gateway, by HTTP and JSON. An error is application/problem+json: code, title, what to do, and the failing fields. */
async function api<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const token = process.env['FLEET_API_TOKEN'];
  const response = await fetch(`${process.env['FLEET_GATEWAY_URL'] || 'http://127.0.0.1:8080'}${path}`, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(await response.text());
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

interface Execution {
  readonly status: string;
  readonly summary: string | null;
  readonly reason: string | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

/** Runs a monitor now, and waits for what it saw. */
async function run(id: string): Promise<Execution> {
  const path = `/v1/monitors/${id}`;
  const { execution_id: executionId } = await api<{ execution_id: string }>('POST', `${path}/run`, {});
  for (;;) {
    const execution = await api<Execution>('GET', `${path}/executions/${executionId}`);
    if (!['pending', 'running'].includes(execution.status)) return execution;
    await delay(200);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(port: number): Promise<void> {
  const { state, close } = serve(port);
  const { id, webhook_secret: secret } = await api<{ id: string; webhook_secret: string }>('POST', '/v1/monitors', {
    name: 'The lamp',
    query: 'the price of the lamp on this page',
    condition: 'the price of the lamp has changed',
    search: { provider: 'http', urls: [`http://127.0.0.1:${port}/`] },
    webhook_url: `http://127.0.0.1:${port}/hook`,
    cron: '0 8 * * *',
    timezone: 'Europe/Oslo',
  });
  state.secret = secret;
  try {
    for (const price of [12, 12, 9]) {
      state.price = price;
      const { status, reason, failure } = await run(id);
      say(`${price} €: ${status}, ${failure?.message ?? reason}`);
    }
    for (let waited = 0; state.notices.length === 0 && waited < 30_000; waited += 100) await delay(100);
    for (const { monitor, execution } of state.notices) say(`notice of "${monitor.name}": ${execution.summary}`);
    say(`${state.notices.length} notice`);
  } finally {
    await api('DELETE', `/v1/monitors/${id}`);
    close();
  }
}

if (require.main === module) void main(Number(process.env['EXAMPLE_PORT'] || PORT));
