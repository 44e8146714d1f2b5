import { checkInputSize } from './input-size';

const check = (characters: number): string[] => {
  const lines: string[] = [];
  checkInputSize('analyzeData', 'x'.repeat(characters), (line) => lines.push(line));
  return lines;
};

it('says nothing of small inputs, warns of large ones and refuses larger ones', () => {
  expect(check(256 * 1024 - 2)).toEqual([]);
  expect(check(256 * 1024)).toEqual([expect.stringContaining('262146 bytes')]);
  expect(check(1_499_998)).toHaveLength(1);
  expect(() => check(1_500_000)).toThrow('The input of analyzeData is 1500002 bytes, over the limit of 1500000');
});
