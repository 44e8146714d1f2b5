import { createHash } from 'node:crypto';

/** Numbers from 0 (included) to 1 (excluded) that follow from `seed` alone, the same on every machine. */
export function seededRandom(seed: string): () => number {
  const hash = createHash('sha256').update(seed).digest();
  let [a, b, c, d] = [0, 4, 8, 12].map((offset) => hash.readInt32LE(offset)) as [number, number, number, number];
  // sfc32: small, fast, and without visible patterns at the few thousand numbers a picture takes.
  return () => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
}
