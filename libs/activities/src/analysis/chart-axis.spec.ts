import { createAxis, paddedDomain } from './chart-axis';

const texts = (low: number, high: number) =>
  createAxis({ label: 'x', domain: [low, high], range: [0, 100] }).ticks.map(({ text }) => text);

test.each([
  [0, 7, ['0', '1', '2', '3', '4', '5', '6', '7']],
  [-0.31, 0.32, ['-0.3', '-0.2', '-0.1', '0.0', '0.1', '0.2', '0.3']],
  [0, 3_000_000, ['0', '500K', '1M', '1.5M', '2M', '2.5M', '3M']],
  [0, 3e-6, ['0', '5e-7', '1e-6', '1.5e-6', '2e-6', '2.5e-6', '3e-6']],
])('ticks of %d to %d are round', (low, high, expected) => {
  expect(texts(low, high)).toEqual(expected);
});

test.each([[[5, 5]], [[0]], [[-1e100, 1e100]], [[1e15, 1e15 + 0.25]]])(
  'any values get a domain with a few ticks: %j',
  (values) => {
    const [low, high] = paddedDomain(values);
    expect(low).toBeLessThan(high);
    expect(texts(low, high).length).toBeGreaterThan(2);
    expect(texts(low, high).length).toBeLessThan(12);
  },
);
