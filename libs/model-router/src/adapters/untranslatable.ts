import { ProviderError } from '../provider';

/**
 * A request that the provider has no words for: another provider may.
 *
 * @param field Such as `parameters.seed` or `messages[2].name`: never a value.
 */
export function untranslatable(field: string, why: string): ProviderError {
  return new ProviderError('fatal', `${field.slice(0, 80)} cannot be sent to this provider: ${why}`);
}
