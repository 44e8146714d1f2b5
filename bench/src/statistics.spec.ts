import { differenceOf, median, quantile, ratioOf } from './statistics';

describe('statistics', () => {
  it('takes the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(quantile(values, 0.5)).toBe(50);
    expect(quantile(values, 0.99)).toBe(99);
    expect(quantile([7], 0.99)).toBe(7);
    expect(() => quantile([], 0.5)).toThrow('no values');
  });

  it('takes the middle of an odd and of an even number of values', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([5])).toBe(5);
  });

  it('compares pair by pair, so that a machine that slows down changes nothing', () => {
    expect(ratioOf([10, 20, 40], [10, 20, 40])).toEqual({ median: 1, least: 1, most: 1 });
    expect(ratioOf([1, 4, 3], [2, 4, 2])).toEqual({ median: 1, least: 0.5, most: 1.5 });
    expect(differenceOf([12, 22, 45], [10, 20, 40])).toEqual({ median: 2, least: 2, most: 5 });
  });
});
