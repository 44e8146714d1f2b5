import { randomBytes } from 'node:crypto';

/** Crockford's base 32: no i, l, o or u, so that an id read aloud or off a screen is not mistaken. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A random id such as `art_7k2m…`: the prefix and 20 characters of 5 random bits each. */
export function newId(prefix: 'apr' | 'art' | 'exe' | 'img' | 'mon' | 'ntc'): string {
  let id = `${prefix}_`;
  for (const byte of randomBytes(20)) id += ALPHABET.charAt(byte & 31);
  return id;
}
