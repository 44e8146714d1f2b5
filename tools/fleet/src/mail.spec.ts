import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fleet, testEnvironment } from './test-cli';

const stateDir = mkdtempSync(join(tmpdir(), 'fleet-mail-'));
const env = testEnvironment({ FLEET_STATE_DIR: stateDir });
const run = (...args: readonly string[]) => fleet(['mail', ...args], env);
afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

function keep(id: string, subject: string, minute: number, body: readonly string[]): void {
  const path = join(stateDir, 'mail', `${id}.eml`);
  writeFileSync(
    path,
    [`From: Fleet <fleet@localhost>`, 'To: ada@example.com', `Subject: ${subject}`, ...body].join('\r\n'),
  );
  const at = new Date(Date.UTC(2026, 0, 2, 3, minute));
  utimesSync(path, at, at);
}

test('without mail it says so', () => {
  expect(run('list')).toEqual({ status: 0, stdout: 'No mail.\n', stderr: '' });
  expect(JSON.parse(run('list', '--json').stdout)).toEqual({ mail: [] });
});

test('lists the newest first, and shows one decoded', () => {
  mkdirSync(join(stateDir, 'mail'));
  keep('ntc_1@fleet', 'one', 1, ['', 'first']);
  keep('ntc_3@fleet', '=?UTF-8?Q?Drei_=C3=9C?=', 3, [
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'K=C3=B6ln \u001b[2J=',
    'is on sale.',
  ]);
  keep('ntc_2@fleet', 'two', 2, ['', 'second']);
  writeFileSync(join(stateDir, 'mail/.9-1.part'), 'half');
  const { mail } = JSON.parse(run('list', '--json').stdout) as { mail: readonly Record<string, string>[] };
  expect(mail.map(({ id, subject }) => `${id} ${subject}`)).toEqual([
    'ntc_3@fleet Drei Ü',
    'ntc_2@fleet two',
    'ntc_1@fleet one',
  ]);
  expect(mail[0]).toEqual({
    id: 'ntc_3@fleet',
    at: '2026-01-02T03:03:00.000Z',
    from: 'fleet@localhost',
    to: 'ada@example.com',
    subject: 'Drei Ü',
  });
  const { stdout, stderr } = run('list', '--limit', '1');
  expect(stdout).toMatch(
    /^ID +CAUGHT +TO +SUBJECT\nntc_3@fleet +2026-\d\d-\d\d \d\d:\d\d:\d\d +ada@example\.com +Drei Ü\n$/,
  );
  expect(stderr).toBe('2 more: raise --limit\n');
  const shown = run('show', '<ntc_3@fleet>').stdout;
  expect(shown).toMatch(/^id +ntc_3@fleet\n(.+\n){4}\nKöln \[2Jis on sale\.\n$/);
  expect(JSON.parse(run('show', 'ntc_3@fleet', '--json').stdout)).toMatchObject({
    text: expect.stringContaining('Köln') as string,
    html: '',
  });
});

test('an id is never a path', () => {
  for (const id of ['none', '../fleet-state.json', '../mail/ntc_1@fleet']) {
    const { status, stderr } = run('show', id);
    expect(stderr).toContain(`error: no mail has the id ${JSON.stringify(id)}`);
    expect(status).toBe(2);
  }
});
