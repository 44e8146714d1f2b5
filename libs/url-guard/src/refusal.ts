import { FleetError } from '@fleet/errors';
import type { AddressRule } from './policy';

/** The rules of a URL, each with the words of its error. */
const RULES = {
  url: 'must be an absolute URL, like https://example.com/path',
  length: 'must be at most 8,192 characters',
  characters: 'must hold no control character, and no backslash before its query',
  scheme: 'must have a scheme that is allowed here: https, or http',
  credentials: 'must hold no user name and no password',
  port: 'must use a port that is allowed here: 80 or 443 unless the operator says otherwise',
  plain_address: 'must write an IPv4 address as four decimal numbers, like 192.0.2.1',
  trailing_dot: 'must not end its host with a dot',
  local_name: 'must not name a host of this machine or of its own network',
  loopback_address: 'must not lead to a loopback address',
  private_address: 'must not lead to an address of a private network',
  link_local_address: 'must not lead to a link-local address',
  carrier_nat_address: 'must not lead to an address behind a carrier NAT (100.64.0.0/10)',
  multicast_address: 'must not lead to a multicast address',
  broadcast_address: 'must not lead to a broadcast address',
  unspecified_address: 'must not lead to an unspecified address',
  metadata_address: 'must not lead to the metadata service of a cloud',
  embedded_ipv4_address: 'must not lead to an IPv6 address that carries an IPv4 address',
  reserved_address: 'must not lead to a reserved address',
} as const satisfies Record<string, string> & Record<AddressRule, string>;

/** The rule that a refused URL broke: `details.rule` of a `url_refused` error. */
export type UrlRule = keyof typeof RULES;

/**
 * The error of a URL that broke a rule: code `url_refused`, `details.rule` a `UrlRule`, one entry in `fields`. It shows
 * of the URL only its origin.
 *
 * @param field where the URL came from, like `input.webhook_url`
 */
export function refusal(rule: UrlRule, field: string, got: string | URL): FleetError {
  const shown = shownUrl(got);
  return new FleetError(
    'url_refused',
    { field, rule, reason: RULES[rule], got: shown },
    { fields: [{ field, rule: RULES[rule], got: shown }] },
  );
}

/**
 * A URL as errors and logs may show it: credentials, query and fragment hold secrets, and so does the path of many a
 * webhook. At most 200 characters.
 */
export function shownUrl(got: string | URL): string {
  const url = typeof got === 'string' && URL.canParse(got) ? new URL(got) : got;
  if (typeof url !== 'string' && url.host !== '') {
    return `${url.protocol}//${url.host}${url.pathname === '/' ? '/' : '/…'}`.slice(0, 200);
  }
  // No URL, or one without a host (data:, file:). Nothing tells where its secrets end, so little is shown.
  const text = String(got);
  const [scheme = ''] = /^[a-z][a-z\d+.-]*:/i.exec(text) ?? [];
  if (text.includes('@')) return `${scheme}…`.slice(0, 40);
  const [start = ''] = /^([a-z][a-z\d+.-]*:)?[/\\]*[^/\\?#]*/i.exec(text) ?? [];
  return (start.length > 40 ? `${start.slice(0, 40)}…` : start).replaceAll(/\p{Cc}/gu, '\uFFFD');
}
