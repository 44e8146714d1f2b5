/** The colours of one picture. */
export interface Palette {
  /** From the zenith down to the horizon. */
  readonly sky: readonly [string, string, string];
  readonly sun: string;
  /** Ridge at the horizon and ridge in front; those between are mixed from the two. */
  readonly far: string;
  readonly near: string;
  readonly stars: boolean;
}

/** One is picked by the prompt's hash. */
export const PALETTES: readonly Palette[] = [
  { sky: ['#22315f', '#a75a80', '#f6b38a'], sun: '#ffe3b0', far: '#8f5f86', near: '#1a1836', stars: false },
  { sky: ['#0b1533', '#1d3f6e', '#4f86a6'], sun: '#f4f1de', far: '#34628a', near: '#07101f', stars: true },
  { sky: ['#5aa9d6', '#a9d7e8', '#f3eed2'], sun: '#fff6cf', far: '#8db9b3', near: '#1f4d4a', stars: false },
  { sky: ['#40206b', '#c04a6b', '#ffa96b'], sun: '#fff0c2', far: '#a8526f', near: '#231133', stars: false },
  { sky: ['#071a2b', '#0f5c5c', '#69c9a0'], sun: '#e9fff2', far: '#1f7670', near: '#04141a', stars: true },
  { sky: ['#f2a65a', '#f7cf8d', '#fdf0d0'], sun: '#fffaf0', far: '#d99f68', near: '#5b3424', stars: false },
  { sky: ['#2b2d5b', '#6a67a8', '#e3b7c8'], sun: '#fff2f2', far: '#7d79ad', near: '#1c1d3d', stars: true },
  { sky: ['#7fb5a8', '#cfe0c3', '#f7f1dc'], sun: '#ffffff', far: '#a6c3a8', near: '#2e4a3b', stars: false },
];

/** The colour `share` (0 to 1) of the way from one `#rrggbb` to another. */
export function mix(from: string, to: string, share: number): string {
  const mixed = [0, 1, 2].map((i) => Math.round(channel(from, i) + (channel(to, i) - channel(from, i)) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function channel(colour: string, index: number): number {
  return Number.parseInt(colour.slice(1 + 2 * index, 3 + 2 * index), 16);
}
