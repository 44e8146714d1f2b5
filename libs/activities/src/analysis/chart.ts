import { shorten } from '../characters';
import { createAxis, paddedDomain } from './chart-axis';
import { chartSvg, clusterColour, PLOT, px } from './chart-frame';
import { evenSample, nearest } from './k-means';
import type { NumberRow } from './table';

/** What a chart shows. */
export interface ChartData {
  /** Rows without a missing cell. */
  readonly rows: readonly NumberRow[];
  readonly columns: readonly string[];
  /** Which cluster a row belongs to follows from these. */
  readonly centroids: readonly NumberRow[];
}

const MAX_POINTS = 5_000;
const MAX_BARS = 40;

/** A scatter plot of the first two columns, or a histogram when there is one: an SVG, coloured by cluster. */
export function drawSvg(data: ChartData): string {
  return data.columns.length > 1 ? scatter(data) : histogram(data);
}

function scatter({ rows, columns, centroids }: ChartData): string {
  const [xName, yName] = columns as [string, string];
  const counts = countByCluster(rows, centroids);
  const shown = evenSample(rows, MAX_POINTS);
  const values = (column: number) => shown.concat(centroids).map((row) => row[column] as number);
  const x = createAxis({ label: xName, domain: paddedDomain(values(0)), range: [PLOT.left, PLOT.right] });
  const y = createAxis({ label: yName, domain: paddedDomain(values(1)), range: [PLOT.bottom, PLOT.top] });
  const place = ([first, second]: NumberRow) => ({ x: px(x.at(first as number)), y: px(y.at(second as number)) });
  const radius = shown.length <= 500 ? 4.5 : shown.length <= 2000 ? 3.2 : 2.2;
  const groups = centroids.map((_, cluster) => {
    const members = shown.filter((row) => nearest(row, centroids).index === cluster).map(place);
    const circles = members.map((at) => `<circle cx="${at.x}" cy="${at.y}" r="${radius}"/>`);
    return `<g fill="${clusterColour(cluster)}" fill-opacity="0.72" stroke="#ffffff" stroke-width="0.6">${circles.join('')}</g>`;
  });
  const all = rows.length === shown.length;
  return chartSvg({
    title: `${shorten(yName, 30)} against ${shorten(xName, 30)}`,
    subtitle: all
      ? `${number(rows.length)} rows, ◆ cluster centres`
      : `${number(shown.length)} of ${number(rows.length)} rows shown, ◆ cluster centres`,
    x,
    y,
    marks: groups.join('\n') + centroids.map((row, cluster) => diamond(place(row), clusterColour(cluster))).join(''),
    counts,
  });
}

function histogram({ rows, columns, centroids }: ChartData): string {
  const name = columns[0] as string;
  const values = rows.map((row) => row[0] as number);
  const [low, high] = paddedDomain(values, 0);
  // Sturges' rule, doubled: his bars are too broad to show clusters.
  const bars = Math.min(MAX_BARS, 2 * Math.ceil(Math.log2(values.length) + 1));
  const stacks = Array.from({ length: bars }, () => centroids.map(() => 0));
  for (const [index, value] of values.entries()) {
    const bar = Math.min(bars - 1, Math.floor(((value - low) / (high - low)) * bars));
    const stack = stacks[bar] as number[];
    const cluster = nearest(rows[index] as NumberRow, centroids).index;
    stack[cluster] = (stack[cluster] as number) + 1;
  }
  const tallest = Math.max(...stacks.map(sum));
  const x = createAxis({ label: name, domain: [low, high], range: [PLOT.left, PLOT.right] });
  const y = createAxis({ label: 'rows', domain: [0, tallest * 1.05], range: [PLOT.bottom, PLOT.top] });
  const width = (PLOT.right - PLOT.left) / bars;
  const marks = stacks.map((stack, bar) => bricks(stack, PLOT.left + bar * width, width, y.at));
  return chartSvg({
    title: `Distribution of ${shorten(name, 50)}`,
    subtitle: `${number(rows.length)} rows`,
    x,
    y,
    marks: marks.join('\n'),
    counts: countByCluster(rows, centroids),
  });
}

function bricks(stack: readonly number[], left: number, width: number, at: (value: number) => number): string {
  let below = 0;
  const drawn = stack.map((count, cluster) => {
    const top = at(below + count);
    const height = at(below) - top;
    below += count;
    if (count === 0) return '';
    return `<rect x="${px(left + 1)}" y="${px(top)}" width="${px(width - 2)}" height="${px(height)}" fill="${clusterColour(cluster)}" fill-opacity="0.85"/>`;
  });
  return drawn.join('');
}

function diamond({ x, y }: { readonly x: string; readonly y: string }, colour: string): string {
  return `<path transform="translate(${x} ${y})" d="M0 -10L10 0L0 10L-10 0Z" fill="${colour}" stroke="#1d222b" stroke-width="1.8"/>`;
}

function countByCluster(rows: readonly NumberRow[], centroids: readonly NumberRow[]): number[] {
  const counts = centroids.map(() => 0);
  for (const row of rows) {
    const { index } = nearest(row, centroids);
    counts[index] = (counts[index] as number) + 1;
  }
  return counts;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, value) => total + value, 0);
const number = (value: number): string => value.toLocaleString('en');
