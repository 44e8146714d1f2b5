import { messageOf } from './message';
import type { NoticePayload } from './payload';

const payload: NoticePayload = {
  event: 'monitor.condition_met',
  version: 1,
  id: 'ntc_1',
  monitor: {
    id: 'mon_1',
    name: 'Tickets',
    condition: 'on sale',
    urls: ['https://a.example/', 'https://b.example/x?y=1&z'],
  },
  execution: { id: 'exe_1', summary: 'They are.', changed: true, condition_met: true, at: '2026-01-02T03:04:05.006Z' },
};
const date = new Date(0);
const named = (name: string, summary = 'They are.') =>
  messageOf(
    { ...payload, monitor: { ...payload.monitor, name }, execution: { ...payload.execution, summary } },
    'a@b.c',
    date,
  );

test('says what is met, what was seen and when, with an id that is always the same', () => {
  expect(messageOf(payload, 'ada@example.com', date)).toEqual({
    messageId: '<ntc_1@fleet>',
    to: 'ada@example.com',
    date,
    subject: 'Condition met: Tickets',
    text: [
      'The condition of "Tickets" is met.',
      '',
      'Condition: on sale',
      'Seen: They are.',
      'Where: https://a.example/\nhttps://b.example/x?y=1&z',
      'When: 2026-01-02T03:04:05.006Z',
      'Changed: yes',
      '',
      'Monitor mon_1, run exe_1, notice ntc_1.',
      '',
    ].join('\n'),
    html: expect.stringContaining('<td>They are.</td>') as string,
  });
});

test('what pages say is text, not HTML', () => {
  const { html, text } = named('<b>"Tom" & Ann</b>', '<img src=x onerror=alert(1)>\nsecond line');
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;<br>second line');
  expect(html).toContain('&lt;b&gt;&quot;Tom&quot; &amp; Ann&lt;/b&gt;');
  expect(html.match(/<(?!\/?(?:p|table|tr|th|td|small|br)\b)/g)).toBeNull();
  expect(text).toContain('<img src=x onerror=alert(1)>');
});

test('a subject is one line, and short', () => {
  expect(named('a\r\nBcc: eve@example.com').subject).toBe('Condition met: a Bcc: eve@example.com');
  expect(named('a\u0000\u202eb\ud800').subject).toBe('Condition met: a b');
  expect(named('x'.repeat(500)).subject).toHaveLength(120);
});
