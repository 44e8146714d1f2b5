import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMailFolder } from './mail-folder';

test.each([
  ['Message-ID: <a.b@c>\r\n\r\nx', 'a.b@c'],
  ['Subject: x\r\nMESSAGE-ID:\r\n <a@b>\r\nTo: c\r\n\r\n', 'a@b'],
  ['Message-ID: <../../etc/passwd>\r\n\r\nx', /^[0-9a-f]{32}$/],
  ['Message-ID: <.hidden>\r\n\r\nx', /^[0-9a-f]{32}$/],
  ['Subject: none\r\n\r\nMessage-ID: <body@b>', /^[0-9a-f]{32}$/],
  ['', /^[0-9a-f]{32}$/],
  ['Message-ID:\r\n\r\nx', /^[0-9a-f]{32}$/],
])('%j is kept under a name that is no path', (message, name) => {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-mail-'));
  const kept = openMailFolder(folder).keep(Buffer.from(message));
  expect(kept).toEqual(typeof name === 'string' ? name : expect.stringMatching(name));
  expect(readdirSync(folder)).toEqual([`${kept}.eml`]);
  rmSync(folder, { recursive: true });
});

test('no other account of the machine reads what is kept', () => {
  const parent = mkdtempSync(join(tmpdir(), 'fleet-mail-'));
  const folder = join(parent, 'mail');
  const kept = openMailFolder(folder).keep(Buffer.from('Message-ID: <a@b>\r\n\r\nx'));
  const modes = [folder, join(folder, `${kept}.eml`)].map((path) => statSync(path).mode & 0o077);
  expect(modes).toEqual([0, 0]);
  rmSync(parent, { recursive: true });
});

test('a header that is mostly blanks is read as fast as any other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-mail-'));
  const blanks = ' '.repeat(100_000);
  const keep = (text: string) => openMailFolder(folder).keep(Buffer.from(text));
  expect(keep(`Message-ID: <a@b>${blanks}\r\n\r\nx`)).toBe('a@b');
  expect(keep(`Message-ID:${blanks}>>x\r\n\r\nx`)).toMatch(/^[0-9a-f]{32}$/);
  rmSync(folder, { recursive: true });
});
