// sharp is loaded where it is used: an idle worker, and every process that never draws, does without its 20 MB.
const loadSharp = async () => {
  const { default: sharp } = await import('sharp');
  // Its cache of operations helps servers that repeat themselves; here no two images are alike.
  sharp.cache(false);
  return sharp;
};

/** Draws an SVG as a PNG. The SVG's own width and height give the pixels, times `scale` (default 1). */
export async function svgToPng(svg: string, scale = 1): Promise<Uint8Array> {
  const sharp = await loadSharp();
  // 72 dots per inch is the density at which one SVG unit is one pixel.
  return sharp(Buffer.from(svg), { density: 72 * scale })
    .png()
    .toBuffer();
}

/** Any image sharp reads, as a PNG that fills `width` x `height` pixels; what sticks out is cut off evenly. */
export async function coverPng(bytes: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  const sharp = await loadSharp();
  return sharp(bytes, { limitInputPixels: 8192 * 8192 })
    .resize(width, height, { fit: 'cover' })
    .png()
    .toBuffer();
}
