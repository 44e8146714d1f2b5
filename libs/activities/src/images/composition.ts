import { caption } from './caption';
import { mix, PALETTES, type Palette } from './palettes';
import type { ImageRequest } from './prompt';
import { seededRandom } from './seeded-random';

/** What every part of the picture is drawn from. */
interface Scene {
  readonly width: number;
  readonly height: number;
  /** The shorter side: sizes that must look the same in every format are shares of it. */
  readonly unit: number;
  readonly horizon: number;
  readonly sun: { readonly x: number; readonly y: number; readonly radius: number };
  readonly palette: Palette;
  readonly random: () => number;
}

/** The picture of a prompt as an SVG of exactly its width and height: a sky, a sun, ridges or a sea, and the caption. */
export function compose({ prompt, width, height }: ImageRequest): string {
  const random = seededRandom(prompt);
  const palette = PALETTES[Math.floor(random() * PALETTES.length)] as Palette;
  const unit = Math.min(width, height);
  const horizon = height * (0.52 + random() * 0.14);
  const radius = unit * (0.06 + random() * 0.07);
  const sun = { x: width * (0.2 + random() * 0.6), y: horizon - radius * 0.4 - random() * horizon * 0.5, radius };
  const bySea = random() < 0.4;
  const scene: Scene = { width, height, unit, horizon, sun, palette, random };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    definitions(scene),
    `<rect width="${width}" height="${height}" fill="url(#sky)"/>`,
    palette.stars ? stars(scene) : '',
    sunDisc(scene),
    clouds(scene),
    bySea ? sea(scene) : ridges(scene, { count: 5, from: horizon, nearness: 0 }),
    bySea ? ridges(scene, { count: 2, from: height * 0.86, nearness: 0.75 }) : birds(scene),
    `<rect width="${width}" height="${height}" fill="url(#vignette)"/>`,
    caption(prompt, width, height),
    '</svg>',
  ].join('\n');
}

function definitions({ palette, horizon, height, sun }: Scene): string {
  const [top, middle, low] = palette.sky;
  const horizonShare = percent(horizon / height);
  return `<defs>
<linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${top}"/>
<stop offset="${percent((horizon / height) * 0.6)}" stop-color="${middle}"/><stop offset="${horizonShare}" stop-color="${low}"/></linearGradient>
<radialGradient id="glow" gradientUnits="userSpaceOnUse" cx="${px(sun.x)}" cy="${px(sun.y)}" r="${px(sun.radius * 4.5)}">
<stop offset="0" stop-color="${palette.sun}" stop-opacity="0.75"/><stop offset="0.35" stop-color="${palette.sun}" stop-opacity="0.22"/>
<stop offset="1" stop-color="${palette.sun}" stop-opacity="0"/></radialGradient>
<radialGradient id="vignette" cx="0.5" cy="0.45" r="0.8"><stop offset="0.6" stop-opacity="0"/><stop offset="1" stop-opacity="0.28"/></radialGradient>
<linearGradient id="water" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${mix(low, palette.far, 0.45)}"/>
<stop offset="1" stop-color="${mix(palette.far, palette.near, 0.8)}"/></linearGradient>
</defs>`;
}

function stars({ width, horizon, unit, random }: Scene): string {
  const dots = Array.from({ length: 140 }, () => {
    const y = random() ** 1.6 * horizon;
    const brightness = (1 - y / horizon) * (0.35 + random() * 0.65);
    return `<circle cx="${px(random() * width)}" cy="${px(y)}" r="${px(unit * (0.0008 + random() * 0.0018))}" opacity="${brightness.toFixed(2)}"/>`;
  });
  return `<g fill="#ffffff">${dots.join('')}</g>`;
}

function sunDisc({ sun, palette, width, height }: Scene): string {
  return `<rect width="${width}" height="${height}" fill="url(#glow)"/>
<circle cx="${px(sun.x)}" cy="${px(sun.y)}" r="${px(sun.radius)}" fill="${palette.sun}"/>`;
}

function clouds({ width, horizon, unit, palette, random }: Scene): string {
  const streak = () => {
    const length = width * (0.18 + random() * 0.35);
    const y = horizon * (0.25 + random() * 0.6);
    return `<ellipse cx="${px(random() * width)}" cy="${px(y)}" rx="${px(length / 2)}" ry="${px(unit * (0.004 + random() * 0.009))}"/>`;
  };
  const streaks = Array.from({ length: 5 + Math.floor(random() * 4) }, streak);
  return `<g fill="${mix(palette.sky[2], '#ffffff', 0.45)}" opacity="0.32">${streaks.join('')}</g>`;
}

interface RidgeOptions {
  readonly count: number;
  /** Height of the hindmost ridge, pixels from the top. */
  readonly from: number;
  /** 0 when the hindmost ridge lies at the horizon, towards 1 when all stand in front. */
  readonly nearness: number;
}

function ridges(scene: Scene, { count, from, nearness }: RidgeOptions): string {
  const { height, palette, unit } = scene;
  const layers = Array.from({ length: count }, (_, layer) => {
    const share = layer / (count - 1);
    const depth = nearness + (1 - nearness) * share;
    const base = from + (height * 0.97 - from) * share ** 1.25 * 0.86;
    const colour = mix(palette.far, palette.near, depth);
    const path = ridge(scene, base, unit * (0.125 - 0.055 * depth));
    // The lighter copy peeping out above is the light along the crest.
    const light = mix(colour, palette.sun, 0.22 * (1 - depth) + 0.05);
    return `<path d="${path}" fill="${light}"/><path d="${path}" fill="${colour}" transform="translate(0 ${px(unit * 0.006)})"/>`;
  });
  return layers.join('\n');
}

// Four sines with random phases, each twice as fine and half as high: hills from a distance, rugged from near.
function ridge({ width, height, random }: Scene, base: number, amplitude: number): string {
  const waves = [1, 2.1, 4.3, 9.1].map((frequency) => ({
    frequency: (frequency * (0.8 + random() * 0.5) * 2 * Math.PI) / Math.max(width, height),
    phase: random() * 2 * Math.PI,
    height: amplitude / frequency ** 0.85,
  }));
  const steps = 160;
  const points = Array.from({ length: steps + 1 }, (_, step) => {
    const x = (width * step) / steps;
    const y = waves.reduce((sum, wave) => sum - Math.sin(x * wave.frequency + wave.phase) * wave.height, base);
    return `${px(x)} ${px(y)}`;
  });
  return `M${points.join('L')}L${width} ${height + 20}L0 ${height + 20}Z`;
}

function sea({ width, height, unit, horizon, sun, palette, random }: Scene): string {
  const depth = height - horizon;
  const glints = Array.from({ length: 46 }, (_, row) => {
    const share = (row + random()) / 46;
    const length = unit * (0.03 + share * 0.16) * (0.4 + random());
    const x = sun.x + (random() - 0.5) * unit * (0.06 + share * 0.34) - length / 2;
    const thickness = unit * (0.0015 + share * 0.004);
    return `<rect x="${px(x)}" y="${px(horizon + depth * share ** 1.3)}" width="${px(length)}" height="${px(thickness)}" rx="${px(thickness / 2)}" opacity="${(0.7 - share * 0.5).toFixed(2)}"/>`;
  });
  return `<rect y="${px(horizon)}" width="${width}" height="${px(depth)}" fill="url(#water)"/>
<g fill="${palette.sun}">${glints.join('')}</g>`;
}

function birds({ width, horizon, unit, palette, random }: Scene): string {
  const centre = { x: width * (0.2 + random() * 0.6), y: horizon * (0.25 + random() * 0.3) };
  const flock = Array.from({ length: 5 }, () => {
    const x = centre.x + (random() - 0.5) * unit * 0.3;
    const y = centre.y + (random() - 0.5) * unit * 0.12;
    const wing = unit * (0.008 + random() * 0.008);
    return `M${px(x - wing)} ${px(y - wing * 0.5)}Q${px(x - wing * 0.3)} ${px(y - wing * 0.6)} ${px(x)} ${px(y)}Q${px(x + wing * 0.3)} ${px(y - wing * 0.6)} ${px(x + wing)} ${px(y - wing * 0.5)}`;
  });
  return `<path d="${flock.join('')}" fill="none" stroke="${palette.near}" stroke-width="${px(unit * 0.0028)}" stroke-linecap="round" opacity="0.7"/>`;
}

const px = (value: number): string => value.toFixed(2);
const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;
