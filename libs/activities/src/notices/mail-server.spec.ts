import { mailServerFrom } from './mail-server';

const from = { FLEET_MAIL_FROM: 'Alerts <alerts@example.com>' };
const read = (url: string) => mailServerFrom({ FLEET_SMTP_URL: url, ...from });

test('the URL says where the server is and how it is spoken to', () => {
  expect(mailServerFrom({})).toBeUndefined();
  expect(read('smtp://mail.example.com')).toEqual({
    host: 'mail.example.com',
    port: 587,
    secure: false,
    requireTLS: false,
    auth: undefined,
    from: { name: 'Alerts', address: 'alerts@example.com' },
  });
  expect(read('smtps://mail.example.com')).toMatchObject({ port: 465, secure: true, requireTLS: false });
  expect(read('smtp://ada:p%40ss@mail.example.com:2525')).toMatchObject({
    port: 2525,
    requireTLS: true,
    auth: { user: 'ada', pass: 'p@ss' },
  });
  expect(read('smtp://ada:p@127.0.0.1:1025')).toMatchObject({ host: '127.0.0.1', requireTLS: false });
  expect(read('smtp://[::1]:1025')).toMatchObject({ host: '::1', port: 1025 });
});

test.each([
  'mail.example.com',
  'http://mail.example.com',
  'smtp://ada:secret@',
  'smtp://ada:secret@mail.example.com/inbox',
  'smtp://ada:secret@mail.example.com?pool=true',
  'smtp://ada:sec%ret@mail.example.com',
])('%s stops the process, and is not shown', (url) => {
  expect(() => read(url)).toThrow(expect.objectContaining({ code: 'invalid_variable' }));
  expect(() => read(url)).toThrow(/^Environment variable FLEET_SMTP_URL (?!.*secret)/);
});

test.each(['', 'alerts', 'a@b, c@d', 'A <a@b>, <c@d>', 'a@b\r\nBcc: c@d', 'A\nB <a@b>'])(
  'mail from %j stops it too',
  (text) => {
    const env = { FLEET_SMTP_URL: 'smtp://mail.example.com', FLEET_MAIL_FROM: text };
    expect(() => mailServerFrom(env)).toThrow(/^Environment variable FLEET_MAIL_FROM /);
  },
);
