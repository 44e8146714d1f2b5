import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMailCatcher } from '@fleet/mail-catcher';
import type { Store } from '@fleet/store';
import postgres from 'postgres';

/** What came in at the receiver of webhooks. */
export interface WebhookSeen {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real receiver of webhooks and a real mail server that honours Message-ID, with monitors to send to them. For specs only. */
export interface NoticeWorld {
  /** Variables by which workers find both. */
  readonly env: Readonly<Record<string, string>>;
  /** Each message that the mail server was handed whole, repetitions included, by its Message-ID. */
  readonly handed: string[];
  readonly hooks: WebhookSeen[];
  /** What the receiver answers from now on; the default is 204. `silent`: nothing. */
  answerHooks(status: number | 'silent'): void;
  /** What the mail server says to a receiver of mail from now on: 250, or a refusal. */
  answerMail(status: number): void;
  /** From now on both take what they see for the first time, and never say so: it is as if the sender had died. */
  withhold(): void;
  /** Ids that were taken without a word. */
  readonly withheld: ReadonlySet<string>;
  /** Messages that the mail server has kept, each once. */
  mailbox(): readonly string[];
  /** Makes a monitor of a page that meets its condition, with both channels. @returns its id */
  addMonitor(store: Pick<Store, 'monitors'>, name: string, notify?: 'always' | 'once'): Promise<string>;
  /** Writes monitors with both channels, each with a run that has ended and met its condition, both with that name as id. */
  addRuns(url: string, names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Starts both on free ports. */
export async function startNoticeWorld(): Promise<NoticeWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-mail-'));
  const handed: string[] = [];
  const withheld = new Set<string>();
  let isWithholding = false;
  /** True for the first time that the id is seen while answers are withheld. */
  const withholds = (id: string): boolean => {
    const isNew = isWithholding && !withheld.has(id);
    if (isNew) withheld.add(id);
    return isNew;
  };
  let mailStatus = 250;
  const catcher = createMailCatcher(folder);
  const keep = catcher.onData.bind(catcher);
  catcher.onData = (stream, session, callback) =>
    keep(stream, session, (error, message) => {
      const id = String(message).replace('kept as ', '');
      handed.push(id);
      if (!withholds(id)) callback(error, message);
    });
  catcher.onRcptTo = (_address, _session, callback) =>
    mailStatus === 250 ? callback() : callback(Object.assign(new Error('no'), { responseCode: mailStatus }));
  const smtp = catcher.listen(0, '127.0.0.1');
  await once(smtp, 'listening');

  const hooks: WebhookSeen[] = [];
  let hookStatus: number | 'silent' = 204;
  const receiver = createServer((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Tickets are on sale.</p>');
      return;
    }
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      hooks.push({ headers: request.headers, body });
      if (hookStatus !== 'silent' && !withholds(String(request.headers['webhook-id'])))
        response.writeHead(hookStatus).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const address = `127.0.0.1:${(receiver.address() as AddressInfo).port}`;

  return {
    env: {
      FLEET_SMTP_URL: `smtp://127.0.0.1:${(smtp.address() as AddressInfo).port}`,
      FLEET_MAIL_FROM: 'Fleet <fleet@example.com>',
      FLEET_MONITOR_ALLOW: address,
    },
    handed,
    hooks,
    withheld,
    withhold: () => void (isWithholding = true),
    answerHooks: (status) => void (hookStatus = status),
    answerMail: (status) => void (mailStatus = status),
    mailbox: () => readdirSync(folder).map((name) => name.replace(/\.eml$/, '')),
    addMonitor: (store, name, notify = 'always') => addMonitor(store, name, notify, `http://${address}/`),
    addRuns: (url, names) => addRuns(url, names, `http://${address}`),
    async close() {
      receiver.closeAllConnections();
      receiver.close();
      await new Promise<void>((done) => catcher.close(done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function addMonitor(
  store: Pick<Store, 'monitors'>,
  name: string,
  notify: 'always' | 'once',
  url: string,
): Promise<string> {
  const { monitor } = await store.monitors.create({
    owner: `owner of ${name}`,
    name: 'Tickets',
    query: 'tickets',
    condition: 'they are on sale',
    search: { provider: 'http', urls: [url], contains: 'on sale' },
    compare: 'exact',
    notify,
    email: `${name}@example.com`,
    webhookUrl: `${url}${name}`,
    cron: '0 0 1 1 *',
    timezone: 'UTC',
    jitterSeconds: 0,
    catchupSeconds: 3600,
    runImmediately: false,
  });
  return monitor.id;
}

async function addRuns(url: string, names: readonly string[], hook: string): Promise<void> {
  const sql = postgres(url, { max: 1, fetch_types: false });
  for (const name of names) {
    await sql`
      insert into monitors (id, owner, name, query, condition, search, compare, notify, email, webhook_url,
        webhook_secret)
      values (${name}, ${`owner of ${name}`}, 'Tickets', 'q', 'on sale', '{}', 'exact', 'always',
        ${`${name}@example.com`}, ${`${hook}/${name}`}, ${`secret of ${name}`})`;
    await sql`
      insert into monitor_executions (id, monitor_id, key, trigger, status, summary, changed, condition_met, closed_at)
      values (${name}, ${name}, ${name}, 'schedule', 'success', 'They are.', true, true, clock_timestamp())`;
  }
  await sql.end();
}
