import { isIP } from 'node:net';
import { FleetError } from '@fleet/errors';
import { parseNetwork } from './address';
import type { AllowEntry } from './allow-list';
import { hostOf, portOf } from './check-url';
import { guardedFetch, type GuardedFetchOptions, type GuardedResponse } from './guarded-fetch';

/** The base URL of a service that the operator configured, like a model provider: it may be on loopback or any port. */
export interface TrustedBaseUrl {
  /** Without a slash at its end. */
  readonly href: string;
  /** Lets a policy through to this host and port, and to nothing else. */
  readonly entry: AllowEntry;
}

/**
 * Takes a base URL from the operator's configuration, never from a request. Any host and port will do; credentials, a
 * query and a fragment will not, since they would be lost or logged.
 *
 * @param variable where the text comes from, for the error
 * @throws FleetError `invalid_variable`
 */
export function trustedBaseUrl(text: string, variable: string): TrustedBaseUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!isPlain || !['http:', 'https:'].includes(url.protocol)) {
    const rule = 'an http or https URL without credentials, query or fragment';
    // Not shown: what is wrong with it may be that it holds a secret.
    throw new FleetError('invalid_variable', { variable, rule, got: 'another text' });
  }
  const host = hostOf(url);
  const network = isIP(host) === 0 ? undefined : parseNetwork(host);
  const target = network ? { network } : { name: host };
  return { href: url.href.replace(/\/+$/, ''), entry: { port: portOf(url), target } };
}

/**
 * Fetches from a trusted service, with the caps of `guardedFetch`. Only its own host and port are trusted: a redirect to
 * any other goes by the policy.
 *
 * @param path below the base, like `/v1/models?limit=5`; built by code, not by a user
 * @throws FleetError as `guardedFetch`; RangeError for a path that leads out of the base
 */
export function trustedFetch(
  base: TrustedBaseUrl,
  path: string,
  options: GuardedFetchOptions = {},
): Promise<GuardedResponse> {
  const url = new URL(`${base.href}/${path.replace(/^\//, '')}`);
  if (!url.href.startsWith(`${base.href}/`)) throw new RangeError(`the path leads out of ${base.href}`);
  const { policy = {} } = options;
  return guardedFetch(url, { ...options, policy: { ...policy, allow: [...(policy.allow ?? []), base.entry] } });
}
