import type { AliasSpec } from './catalog';
import { pickByShare } from './scoring';

/** FNV-1a, 32 bits, over the UTF-8 bytes of a text. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** What the choice of a variant depends on. */
export interface AliasFacts {
  readonly requestId: string;
  readonly apiKeyId?: string | undefined;
  /** 0, 1, 2 and so on, over all processes. */
  nextTurn(name: string): Promise<number>;
}

/**
 * The variant of an alias that a request gets, by weight. The same request id, or API key, always gets the same one; without
 * a key the request id counts. `round_robin` takes turns, each variant as often as its weight.
 *
 * @param variants those that may be chosen, in the order of the catalog; undefined when there are none
 */
export async function pickVariant(
  alias: AliasSpec,
  variants: AliasSpec['variants'],
  facts: AliasFacts,
): Promise<string | undefined> {
  const shares = variants.map(({ weight }) => weight);
  const point = await pointOf(alias, shares, facts);
  return variants[pickByShare(shares, point)]?.modelId;
}

/** Between 0 and 1. The alias is hashed too: else one key would fall on the same side of every comparison. */
async function pointOf(alias: AliasSpec, shares: readonly number[], facts: AliasFacts): Promise<number> {
  if (alias.stickyBy === 'round_robin') {
    const total = shares.reduce((sum, one) => sum + one, 0);
    const turn = await facts.nextTurn(alias.name);
    return total === 0 ? 0 : ((turn % total) + 0.5) / total;
  }
  const key = alias.stickyBy === 'api_key' ? (facts.apiKeyId ?? facts.requestId) : facts.requestId;
  return fnv1a(`${alias.name}:${key}`) / 0x1_0000_0000;
}
