import { dateTime } from '../output/format';
import { dueBy } from './admin';

test.each([
  [900, 'every 15 min 0 s'],
  [Date.parse('2030-01-01T08:00:00Z') / 1000, `once ${dateTime('2030-01-01T08:00:00.000Z')}`],
])('an interval of %i s is due %s', (seconds, text) => {
  expect(dueBy({ every_seconds: seconds, offset_seconds: 0 })).toBe(text);
});
