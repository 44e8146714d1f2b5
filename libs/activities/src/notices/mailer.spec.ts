import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { createSendMail, type MailMessage } from './mailer';
import { mailServerFrom } from './mail-server';

const message: MailMessage = {
  messageId: '<ntc_1@fleet>',
  to: 'ada@example.com',
  date: new Date(0),
  subject: 'Condition met: Tickets',
  text: 'They are.\n',
  html: '<p>They are.</p>\n',
};
const calm = new AbortController().signal;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A real mail server. @returns its port and what it was sent */
async function mailServer(options: SMTPServerOptions = {}): Promise<{ port: number; sent: string[] }> {
  const sent: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, callback) {
      let text = `${session.envelope.rcptTo.map(({ address }) => address).join()}\r\n`;
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => {
        sent.push(text);
        callback();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  closers.push(() => new Promise((done) => server.close(done)));
  return { port: (listening.address() as AddressInfo).port, sent };
}

/** A server that treats each connection like that. */
async function rawServer(onConnect: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onConnect(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const sender = (port: number, login = '', timeoutMs?: number) =>
  createSendMail(
    mailServerFrom({
      FLEET_SMTP_URL: `smtp://${login}127.0.0.1:${port}`,
      FLEET_MAIL_FROM: 'Fleet <fleet@example.com>',
    }),
    timeoutMs,
  );

const refusing = (responseCode: number) => (_address: unknown, _session: unknown, done: (error: Error) => void) =>
  done(Object.assign(new Error('go away'), { responseCode }));

test('a message arrives once, with its id, both its forms and nothing that invites an answer', async () => {
  const { port, sent } = await mailServer();
  await sender(port)(message, calm);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatch(/^ada@example\.com\r\n/);
  for (const line of [
    'From: Fleet <fleet@example.com>',
    'To: ada@example.com',
    'Message-ID: <ntc_1@fleet>',
    'Auto-Submitted: auto-generated',
    'Date: Thu, 01 Jan 1970 00:00:00 +0000',
    'They are.',
    '<p>They are.</p>',
  ])
    expect(sent[0]?.split('\r\n')).toContain(line);
});

test.each([
  'ada@example.com, eve@example.com',
  'ada@example.com\r\nBcc: eve@example.com',
  'Ada <ada@example.com>',
  'ada@example.com>\r\nRCPT TO:<eve@example.com',
  'ada',
])('%j is no address: nothing is sent', async (to) => {
  const { port, sent } = await mailServer();
  await expect(sender(port)({ ...message, to }, calm)).rejects.toMatchObject({ code: 'mail_refused' });
  expect(sent).toEqual([]);
});

test('a subject of several lines adds no header', async () => {
  const { port, sent } = await mailServer();
  await sender(port)({ ...message, subject: 'a\r\nBcc: eve@example.com\r\n\r\nbody' }, calm);
  expect(sent[0]).toMatch(/^ada@example\.com\r\n/);
  expect(sent[0]).not.toMatch(/^Bcc:/m);
});

test.each([
  ['a receiver for good', { onRcptTo: refusing(550) }, 'mail_refused', /: 550 go away/],
  ['a receiver for now', { onRcptTo: refusing(450) }, 'mail_failed', /: 450 go away/],
  ['a sender', { onMailFrom: refusing(553) }, 'mail_failed', /: 553 go away/],
  [
    'a message',
    {
      onData: (stream, _session, done) =>
        void stream.resume().on('end', () => done(Object.assign(new Error('too odd'), { responseCode: 554 }))),
    },
    'mail_failed',
    /: 554 too odd/,
  ],
  [
    'everybody',
    { onConnect: (_session, done) => done(Object.assign(new Error('busy'), { responseCode: 421 })) },
    'mail_failed',
    /: /,
  ],
] as const satisfies readonly (readonly [string, SMTPServerOptions, string, RegExp])[])(
  'a server that refuses %s',
  async (_what, options, code, reason) => {
    const { port } = await mailServer(options);
    await expect(sender(port)(message, calm)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(reason) as string,
    });
  },
);

test('a log-in that is refused tells neither name nor password', async () => {
  const { port } = await mailServer({
    onAuth: ({ username }, _session, done) => done(new Error(`no ${username}`)),
    authOptional: false,
    allowInsecureAuth: true,
  });
  const failure = sender(port, 'grace:hopper@')(message, calm);
  await expect(failure).rejects.toMatchObject({ code: 'mail_failed' });
  await expect(failure).rejects.not.toThrow(/grace|hopper/);
});

test('a password is not sent to a server that offers no TLS', async () => {
  const server = mailServerFrom({
    FLEET_SMTP_URL: 'smtp://grace:hopper@mail.example',
    FLEET_MAIL_FROM: 'a@example.com',
  });
  const { port, sent } = await mailServer();
  if (!server) throw new Error('no server');
  const send = createSendMail({ ...server, host: '127.0.0.1', port });
  await expect(send(message, calm)).rejects.toMatchObject({ code: 'mail_failed' });
  expect(sent).toEqual([]);
});

test.each([
  ['from the first byte', 'smtps', { secure: true }],
  ['by STARTTLS', 'smtp', { disabledCommands: [] }],
])('a certificate that nobody vouches for is refused, with TLS %s', async (_how, scheme, options) => {
  const { port, sent } = await mailServer(options);
  const env = { FLEET_SMTP_URL: `${scheme}://127.0.0.1:${port}`, FLEET_MAIL_FROM: 'fleet@example.com' };
  await expect(createSendMail(mailServerFrom(env))(message, calm)).rejects.toMatchObject({
    code: 'mail_failed',
    message: expect.stringMatching(/SELF_SIGNED|UNABLE_TO_VERIFY|CERT/) as string,
  });
  expect(sent).toEqual([]);
});

test('without a server nothing is sent', async () => {
  await expect(createSendMail(undefined)(message, calm)).rejects.toMatchObject({ code: 'mail_not_configured' });
});

test('a server that closes, and one that is not there', async () => {
  const closing = await rawServer((socket) => socket.end());
  await expect(sender(closing)(message, calm)).rejects.toMatchObject({ code: 'mail_failed' });
  const midway = await rawServer((socket) =>
    socket.write('220 hello\r\n', () => socket.once('data', () => socket.destroy())),
  );
  await expect(sender(midway)(message, calm)).rejects.toMatchObject({ code: 'mail_failed' });
  await expect(sender(1)(message, calm)).rejects.toMatchObject({
    code: 'mail_failed',
    details: { reason: 'ECONNREFUSED at CONN' },
  });
});

test('a server that says nothing, or a byte now and then, costs the time limit', async () => {
  const silent = await rawServer(() => {});
  await expect(sender(silent, '', 300)(message, calm)).rejects.toMatchObject({ code: 'mail_timed_out' });
  const timers: NodeJS.Timeout[] = [];
  const dripping = await rawServer((socket) => {
    socket.write('220 hello\r\n');
    socket.once('data', () => timers.push(setInterval(() => socket.write('250-X\r\n'), 50)));
  });
  await expect(sender(dripping, '', 500)(message, calm)).rejects.toMatchObject({ code: 'mail_timed_out' });
  timers.forEach(clearInterval);
});

test('whoever waits may leave', async () => {
  const port = await rawServer(() => {});
  const controller = new AbortController();
  const reason = new Error('worker shuts down');
  setTimeout(() => controller.abort(reason), 50);
  await expect(sender(port)(message, controller.signal)).rejects.toBe(reason);
});
