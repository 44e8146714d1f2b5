import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evenSample, kMeans } from './k-means';

const iris = readFileSync(join(__dirname, '../../../../examples/data/iris.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').slice(0, 4).map(Number));
const { signal } = new AbortController();
const quiet = { signal, onProgress: () => {} };

test("finds the published clusters of Fisher's iris", async () => {
  const { withinSumOfSquares, sizes, centroids } = await kMeans(iris, 3, quiet);
  expect(withinSumOfSquares).toBeCloseTo(78.85144, 5);
  expect(sizes).toEqual([62, 50, 38]);
  // As R prints them.
  const published = [
    [5.901613, 2.748387, 4.393548, 1.433871],
    [5.006, 3.428, 1.462, 0.246],
    [6.85, 3.073684, 5.742105, 2.071053],
  ];
  for (const [i, centroid] of centroids.entries()) {
    for (const [j, value] of centroid.entries()) expect(value).toBeCloseTo(published[i]?.[j] as number, 6);
  }
});

// Published for iris as the usual "elbow": R, kmeans(iris[, 1:4], k, nstart = 25)$tot.withinss.
test.each([
  [1, 681.3706],
  [2, 152.348],
  [4, 57.22847],
])('%i clusters leave %d', async (clusters, square) => {
  expect((await kMeans(iris, clusters, quiet)).withinSumOfSquares).toBeCloseTo(square, 3);
});

test('gives the same answer every time', async () => {
  expect(await kMeans(iris, 5, quiet)).toEqual(await kMeans(iris, 5, quiet));
});

test('works in any unit', async () => {
  const tiny = iris.map((row) => row.map((value) => value * 1e-9));
  expect((await kMeans(tiny, 3, quiet)).sizes).toEqual([62, 50, 38]);
});

test('many rows: the starts compete on a sample, the winner goes over all', async () => {
  // Three heaps, 12,000 rows; the smallest is only in the rows a sample of every third or so can miss.
  const rows = Array.from({ length: 12_000 }, (_, i) => {
    const heap = i < 11_000 ? (i % 2) * 100 : 1000;
    return [heap + Math.sin(i), heap + Math.cos(i)];
  });
  const { sizes, withinSumOfSquares } = await kMeans(rows, 3, quiet);
  expect(sizes).toEqual([5500, 5500, 1000]);
  // Each point lies on a circle of radius 1 around its heap.
  expect(withinSumOfSquares).toBeGreaterThan(11_990);
  expect(withinSumOfSquares).toBeLessThanOrEqual(12_000);
});

test('as many clusters as distinct rows is the most', async () => {
  const rows = Array.from({ length: 9_000 }, (_, i) => [i < 8_998 ? 0 : i]);
  expect(await kMeans(rows, 3, quiet)).toMatchObject({ sizes: [8_998, 1, 1], withinSumOfSquares: 0 });
  await expect(kMeans(rows, 4, quiet)).rejects.toMatchObject({
    code: 'invalid_csv',
    message: expect.stringContaining('4 clusters need as many different rows, it has 3'),
  });
  await expect(kMeans([], 1, quiet)).rejects.toMatchObject({ code: 'invalid_csv' });
});

test('progress grows to 1, and an abort stops it in the middle with its reason', async () => {
  const fractions: number[] = [];
  await kMeans(iris, 3, { signal, onProgress: (fraction) => fractions.push(fraction) });
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions.at(-1)).toBe(1);

  const controller = new AbortController();
  const reason = new Error('cancelled');
  let told = 0;
  const onProgress = () => {
    told += 1;
    // From a timer: that it runs at all shows that the iterations let others have their turn.
    if (told === 1) setTimeout(() => controller.abort(reason), 0);
  };
  const rows = Array.from({ length: 5_000 }, (_, i) => [Math.sin(i * 7), Math.cos(i * 3)]);
  await expect(kMeans(rows, 10, { signal: controller.signal, onProgress })).rejects.toBe(reason);
  expect(told).toBeLessThan(20);
});

test('a sample is even and never larger than its limit', () => {
  expect(evenSample([1, 2, 3], 3)).toEqual([1, 2, 3]);
  expect(evenSample([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4)).toEqual([0, 2, 5, 7]);
});
