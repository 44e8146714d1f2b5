import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMailCatcher } from '@fleet/mail-catcher';
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
  /** Messages that the mail server has kept, each once. */
  mailbox(): readonly string[];
  /** A monitor with both channels and a run of it that has ended and met its condition. @returns the id of both */
  addRun(url: string, name: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts both on free ports. */
export async function startNoticeWorld(): Promise<NoticeWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-mail-'));
  const handed: string[] = [];
  let mailStatus = 250;
  const catcher = createMailCatcher(folder);
  const keep = catcher.onData.bind(catcher);
  catcher.onData = (stream, session, callback) =>
    keep(stream, session, (error, message) => {
      handed.push(String(message).replace('kept as ', ''));
      callback(error, message);
    });
  catcher.onRcptTo = (_address, _session, callback) =>
    mailStatus === 250 ? callback() : callback(Object.assign(new Error('no'), { responseCode: mailStatus }));
  const smtp = catcher.listen(0, '127.0.0.1');
  await once(smtp, 'listening');

  const hooks: WebhookSeen[] = [];
  let hookStatus: number | 'silent' = 204;
  const receiver = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      hooks.push({ headers: request.headers, body });
      if (hookStatus !== 'silent') response.writeHead(hookStatus).end();
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
    answerHooks: (status) => void (hookStatus = status),
    answerMail: (status) => void (mailStatus = status),
    mailbox: () => readdirSync(folder).map((name) => name.replace(/\.eml$/, '')),
    addRun: (url, name) => addRun(url, name, `http://${address}/${name}`),
    async close() {
      receiver.closeAllConnections();
      receiver.close();
      await new Promise<void>((done) => catcher.close(done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function addRun(url: string, name: string, hook: string): Promise<string> {
  const sql = postgres(url, { max: 1, fetch_types: false });
  await sql`
    insert into monitors (id, owner, name, query, condition, search, compare, notify, email, webhook_url, webhook_secret)
    values (${name}, ${`owner of ${name}`}, 'Tickets', 'q', 'on sale', '{}', 'exact', 'always',
      ${`${name}@example.com`}, ${hook}, ${`secret of ${name}`})`;
  await sql`
    insert into monitor_executions (id, monitor_id, key, trigger, status, summary, changed, condition_met, closed_at)
    values (${name}, ${name}, ${name}, 'schedule', 'success', 'They are.', true, true, clock_timestamp())`;
  await sql.end();
  return name;
}
