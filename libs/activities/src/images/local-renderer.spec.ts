import sharp from 'sharp';
import { compose } from './composition';
import { createLocalRenderer } from './local-renderer';

const { signal } = new AbortController();
const renderer = createLocalRenderer();

test.each([
  [64, 64],
  [512, 320],
  [300, 2048],
])('draws a PNG of exactly %i x %i', async (width, height) => {
  const png = await renderer.render({ prompt: 'a lighthouse at dusk', width, height }, signal);
  expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width, height });
  // A picture, not one colour.
  expect((await sharp(png).stats()).entropy).toBeGreaterThan(3);
});

test('the same prompt gives the same bytes, another one another picture', async () => {
  const size = { width: 128, height: 128 };
  const draw = async (prompt: string) => Buffer.from(await renderer.render({ prompt, ...size }, signal));
  const [first, again, other] = await Promise.all([draw('a fox'), draw('a fox'), draw('a hare')]);
  expect(first.equals(again)).toBe(true);
  expect(first.equals(other)).toBe(false);
});

test('a prompt cannot break out of the caption', async () => {
  const prompt = `</text><script>alert("1")</script>&]]>'`;
  expect(compose({ prompt, width: 512, height: 512 })).not.toContain('<script');
  await expect(
    renderer.render({ prompt: `${prompt}\u0007\uFFFF`, width: 64, height: 64 }, signal),
  ).resolves.toBeDefined();
});

test('a long word is broken and a long prompt is cut off', () => {
  const svg = compose({ prompt: `${'x'.repeat(100)} ${'word '.repeat(50)}`, width: 256, height: 256 });
  expect(svg.match(/<text /g)).toHaveLength(2);
  expect(svg).toContain('…</text>');
});

test('stops with the reason of the signal', async () => {
  const reason = new Error('cancelled');
  await expect(renderer.render({ prompt: 'x', width: 64, height: 64 }, AbortSignal.abort(reason))).rejects.toBe(reason);
});
