import { shorten } from './characters';

test.each([
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['👩‍🚀🙂e\u0301x', 3, '👩‍🚀🙂…'],
])('shortens %s to %i characters, never in the middle of one', (text, limit, expected) => {
  expect(shorten(text, limit)).toBe(expected);
});
