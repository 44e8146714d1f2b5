import { printable } from './print';
import { fields, table } from './table';

test('a cell is on one line, whatever stands in it', () => {
  expect(table(['NAME', 'N'], [['Tickets\r\nBcc: eve', '1']])).toBe('NAME              N\nTickets Bcc: eve  1');
});

test('a field of several lines looks like no other field', () => {
  const text = fields([
    ['name', 'Tickets\r\nstate  active'],
    ['id', 'mon_1'],
  ]);
  expect(text).toBe('name  Tickets\n      state  active\nid    mon_1');
});

test('what others wrote is shown without what a terminal obeys', () => {
  expect(printable('a\u001b[2J\u0007\u009b\u202eb\n\tc é😀')).toBe('a\uFFFD[2J\uFFFD\uFFFD\uFFFDb\n\tc é😀');
});
