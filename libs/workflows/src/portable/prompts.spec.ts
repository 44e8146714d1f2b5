import { chosen } from './prompts';

test.each([
  ['1 of 3', 1],
  ['{"best": 2}', 2],
  ['```json\n{"best":"3"}\n```', 3],
  ['{"reason": "1 is short", "best": 2}', 2],
  ['Answer 2 is better than answer 3.', 2],
  ['The best one is #3', 3],
  ['Of the 10 points, answer 2 has most.', 2],
  ['2.', 2],
  ['{"best": 7}', undefined],
  ['{"best": 0}', undefined],
  ['{"best": 1.5}', undefined],
  ['none', undefined],
  ['', undefined],
  ['-1', undefined],
  ['2.5', undefined],
  ['4', undefined],
  ['gpt-2 and 3rd', undefined],
])('a judge of three who says %j has chosen %p', (text, expected) => {
  expect(chosen(text, 3)).toBe(expected);
});
