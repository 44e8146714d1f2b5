import { FleetError } from '@fleet/errors';
import type { AliasSpec, Catalog } from './catalog';

/** What the hint of a request means. */
export type Hint =
  | { readonly kind: 'none' }
  | { readonly kind: 'model'; readonly modelId: string }
  | { readonly kind: 'alias'; readonly alias: AliasSpec }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'family'; readonly modelIds: ReadonlySet<string> };

const NAMES_SHOWN = 20;

/**
 * What a hint means: an exact id of a model, an alias, `*`, or a family: the id of a provider, or what ids begin with up to
 * a separator.
 *
 * @throws FleetError `unknown_model` when it names nothing
 */
export function resolveHint(catalog: Catalog, hint: string | undefined): Hint {
  if (hint === undefined || hint === '') return { kind: 'none' };
  const alias = catalog.aliases.find(({ name }) => name === hint);
  if (alias) return { kind: 'alias', alias };
  if (hint === '*') return { kind: 'wildcard' };
  if (catalog.models.some(({ id }) => id === hint)) return { kind: 'model', modelId: hint };
  const family = catalog.models.filter(({ id, providerId }) => providerId === hint || beginsWith(id, hint));
  if (family.length > 0) return { kind: 'family', modelIds: new Set(family.map(({ id }) => id)) };
  throw unknownModel(catalog, hint);
}

/** The error of a name that stands for nothing. */
export function unknownModel({ models, aliases }: Catalog, got: string): FleetError {
  const known = [...models.map(({ id }) => id), ...aliases.map(({ name }) => name)];
  const names = known.slice(0, NAMES_SHOWN).join(', ') || 'none';
  return new FleetError('unknown_model', { got: got.slice(0, 200), names });
}

/** `claude-sonnet` begins `claude-sonnet-5-5`; `gpt-4` does not begin `gpt-4.1`, another model. */
function beginsWith(id: string, hint: string): boolean {
  return id.startsWith(hint) && /^[-:/@]/.test(id.slice(hint.length));
}
