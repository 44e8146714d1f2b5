import { nextRunFrom } from './next-run';

const NOW = Date.parse('2026-12-01T12:00:00Z');

test.each([
  ['2026-12-02T08:00:00Z', '2026-12-02T08:00:00.000Z'],
  ['2026-12-02T08:00:00+02:00', '2026-12-02T06:00:00.000Z'],
  ['2026-12-02T08:00', '2026-12-02T08:00:00.000Z'],
  ['2026-12-02 08:00:00', '2026-12-02T08:00:00.000Z'],
  [' 2026-12-02 ', '2026-12-02T00:00:00.000Z'],
  ['2026-12-01T12:00:01Z', '2026-12-01T12:01:00.000Z'],
])('%s', (named, at) => {
  expect(nextRunFrom(named, NOW)?.toISOString()).toBe(at);
});

test.each(['', 'tomorrow', '2026-13-45T99:00:00Z', '2026-11-30T00:00:00Z', '2026-12-01T12:00:00Z', '2099-01-01', '12'])(
  '%s counts as not named',
  (named) => expect(nextRunFrom(named, NOW)).toBeUndefined(),
);

test('null is never, nothing is nothing', () => {
  expect([nextRunFrom(null, NOW), nextRunFrom(undefined, NOW)]).toEqual([null, undefined]);
});
