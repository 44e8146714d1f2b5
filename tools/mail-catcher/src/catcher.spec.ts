import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';

let state: string;
let child: ChildProcess;
let url: string;

/** Runs it as `fleet up` does: a process whose standard input stays open. */
async function start(env: Readonly<Record<string, string>> = {}): Promise<string> {
  child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'main.ts')], {
    env: { ...process.env, FLEET_STATE_DIR: state, FLEET_SUPERVISED: '1', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: Buffer) => (said += text.toString()));
  while (!said.includes('\n'))
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), once(child, 'close')]);
  return said;
}

beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'fleet-mail-'));
  url = /smtp:\S+/.exec(await start())?.[0] ?? '';
});
afterEach(() => {
  child.kill('SIGKILL');
  rmSync(state, { recursive: true, force: true });
});

const files = (): readonly string[] => readdirSync(join(state, 'mail')).toSorted();
const send = (messageId: string, text = 'They are.') =>
  createTransport(url).sendMail({ from: 'a@example.com', to: 'b@example.com', subject: 'Tickets', text, messageId });

test('keeps each Message-ID once, of whoever and however many send it', async () => {
  const infos = await Promise.all(Array.from({ length: 10 }, (_, index) => send('<ntc_1@fleet>', `copy ${index}`)));
  expect(new Set(infos.map(({ response }) => response))).toEqual(new Set(['250 kept as ntc_1@fleet']));
  await send('<ntc_2@fleet>');
  expect(files()).toEqual(['ntc_1@fleet.eml', 'ntc_2@fleet.eml']);
  expect(readFileSync(join(state, 'mail/ntc_2@fleet.eml'), 'utf8')).toContain('\r\n\r\nThey are.');
});

test('binds loopback only, says what it is, and ends with code 0', async () => {
  expect(url).toMatch(/^smtp:\/\/127\.0\.0\.1:\d+$/);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const [greeting] = (await once(socket, 'data')) as [Buffer];
  expect(greeting.toString()).toMatch(/^220 .*nothing is sent on/);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('ends when its supervisor is gone', async () => {
  child.stdin?.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a message that is too large is refused, and the next one taken', async () => {
  await expect(send('<large@fleet>', 'x'.repeat(11 * 1024 * 1024))).rejects.toMatchObject({ responseCode: 552 });
  await send('<small@fleet>');
  expect(files()).toEqual(['small@fleet.eml']);
});

test('names the port that is taken, and the variable that moves it', async () => {
  const first = child;
  const said = await start({ FLEET_MAIL_CATCHER_PORT: new URL(url).port });
  expect(said).toMatch(/^error: .*the mail catcher/);
  first.kill('SIGKILL');
});
