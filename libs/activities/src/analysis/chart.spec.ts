import { svgToPng } from '../png';
import { drawSvg } from './chart';

const centroids = [
  [0, 0, 0],
  [10, 10, 0],
];
const rows = [
  [0, 1, 5],
  [1, 0, 5],
  [9, 10, 5],
];

test('a scatter plot of the first two columns, coloured and counted by cluster', async () => {
  const svg = drawSvg({ rows, columns: ['width', 'height', 'weight'], centroids });
  expect(svg.match(/<circle cx="[\d.]+" cy="[\d.]+" r="4.5"\/>/g)).toHaveLength(3);
  expect(svg).toContain('<title>height against width</title>');
  expect(svg).toMatch(/Cluster 1<tspan[^>]*>2<.*\n?.*Cluster 2<tspan[^>]*>1</);
  expect(svg).not.toContain('NaN');
  await expect(svgToPng(svg)).resolves.toBeDefined();
});

test('a histogram when there is one column, every row in a bar', async () => {
  const values = [1, 1, 1, 3, 8, 10].map((value) => [value]);
  const svg = drawSvg({ rows: values, columns: ['age'], centroids: [[1.25], [9.5]] });
  expect(svg).toContain('Distribution of age');
  expect(svg.match(/fill-opacity="0.85"/g)).toHaveLength(4);
  expect(svg).not.toContain('NaN');
  await expect(svgToPng(svg)).resolves.toBeDefined();
});

test.each([[['a']], [['a', 'b']]])('rows that are all the same still have a chart: %j', (columns) => {
  const same = columns.map(() => 4);
  expect(drawSvg({ rows: [same, same], columns, centroids: [same] })).not.toMatch(/NaN|Infinity/);
});

test('a column name cannot become markup', async () => {
  const svg = drawSvg({ rows, columns: ['<script>alert(1)</script>\u0001', `"&'`, 'z'], centroids });
  expect(svg).not.toContain('<script');
  await expect(svgToPng(svg)).resolves.toBeDefined();
});

test('5,000 points at most are drawn, but all are counted', () => {
  const many = Array.from({ length: 20_000 }, (_, i) => [i, -i]);
  const svg = drawSvg({ rows: many, columns: ['x', 'y'], centroids: [[0, 0]] });
  expect(svg.match(/r="2.2"/g)).toHaveLength(5_000);
  expect(svg).toContain('5,000 of 20,000 rows shown');
  expect(svg).toContain('>20,000</tspan>');
});
