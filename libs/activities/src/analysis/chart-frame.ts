import { escapeXml } from '../escape-xml';
import type { Axis } from './chart-axis';

const WIDTH = 960;
const HEIGHT = 600;

/** The rectangle that the points or bars are drawn in, pixels. */
export const PLOT = { left: 84, right: 780, top: 76, bottom: 530 } as const;

// Told apart with any kind of colour vision as far as eight go (Okabe and Ito); beyond that the legend has to help.
const COLOURS = (
  '#0072b2 #e69f00 #009e73 #cc79a7 #56b4e9 #d55e00 #b8a800 #5b5b5b #7b3294 #1b9e77 ' +
  '#a6611a #66a61e #e7298a #3b528b #f46d43 #2c7bb6 #8c510a #01665e #c51b7d #4d9221'
).split(' ');

/** The colour of a cluster, `#rrggbb`. */
export function clusterColour(index: number): string {
  return COLOURS[index % COLOURS.length] as string;
}

/** What a chart consists of, whatever its kind. */
export interface ChartParts {
  readonly title: string;
  readonly subtitle: string;
  readonly x: Axis;
  readonly y: Axis;
  /** Points or bars, as SVG. */
  readonly marks: string;
  /** Rows of each cluster, in the order of the colours. */
  readonly counts: readonly number[];
}

/** A whole chart as an SVG of 960 x 600: title, axes with ticks, the marks and a legend. */
export function chartSvg({ title, subtitle, x, y, marks, counts }: ChartParts): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif" font-size="13" fill="#3d4450">
<title>${escapeXml(title)}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${PLOT.left}" y="34" font-size="19" font-weight="bold" fill="#1d222b">${escapeXml(title)}</text>
<text x="${PLOT.left}" y="56" fill="#6b7380">${escapeXml(subtitle)}</text>
${xAxis(x)}
${yAxis(y)}
${marks}
<path d="M${PLOT.left} ${PLOT.bottom}H${PLOT.right}" stroke="#8a919c"/>
${legend(counts)}
</svg>
`;
}

function xAxis({ ticks, at, label }: Axis): string {
  const lines = ticks.map(({ value }) => `M${px(at(value))} ${PLOT.top}V${PLOT.bottom}`).join('');
  const texts = ticks.map(({ value, text }) => `<text x="${px(at(value))}" y="${PLOT.bottom + 20}">${text}</text>`);
  const middle = (PLOT.left + PLOT.right) / 2;
  return `<path d="${lines}" stroke="#e9ebef"/>
<g text-anchor="middle">${texts.join('')}<text x="${middle}" y="${PLOT.bottom + 48}" font-size="14" fill="#1d222b">${escapeXml(label)}</text></g>`;
}

function yAxis({ ticks, at, label }: Axis): string {
  const lines = ticks.map(({ value }) => `M${PLOT.left} ${px(at(value))}H${PLOT.right}`).join('');
  const texts = ticks.map(({ value, text }) => `<text x="${PLOT.left - 10}" y="${px(at(value) + 4.5)}">${text}</text>`);
  const middle = (PLOT.top + PLOT.bottom) / 2;
  return `<path d="${lines}" stroke="#e9ebef"/>
<g text-anchor="end">${texts.join('')}</g>
<text transform="translate(24 ${middle}) rotate(-90)" text-anchor="middle" font-size="14" fill="#1d222b">${escapeXml(label)}</text>`;
}

function legend(counts: readonly number[]): string {
  const left = PLOT.right + 28;
  const entries = counts.map((count, index) => {
    const y = PLOT.top + 14 + index * 23;
    return `<circle cx="${left}" cy="${y - 4.5}" r="6" fill="${clusterColour(index)}"/><text x="${left + 14}" y="${y}">Cluster ${index + 1}<tspan dx="7" fill="#8a919c">${count.toLocaleString('en')}</tspan></text>`;
  });
  return `<g>${entries.join('\n')}</g>`;
}

/** A pixel position, short. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
