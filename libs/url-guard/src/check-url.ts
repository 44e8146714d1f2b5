import { isIPv4 } from 'node:net';
import { brokenHostRule, type UrlPolicy } from './policy';
import { refusal, type UrlRule } from './refusal';

const LONGEST_URL = 8192;

/** Where a URL came from, for the error. */
export interface UrlOrigin {
  /** Default: `url`. */
  readonly field?: string;
  /** What a relative URL is relative to; without it, a relative URL is refused. */
  readonly base?: URL;
}

/**
 * Checks what can be checked without asking the network, for instance when a job is submitted: form, scheme,
 * credentials, port, and the host if it is an address or a local name. A public name can still lead to a private
 * address: only `guardedFetch` knows, when it connects.
 *
 * @returns the parsed URL
 * @throws FleetError `url_refused` with the rule in `details.rule`
 */
export function checkUrl(url: string | URL, policy: UrlPolicy = {}, origin: UrlOrigin = {}): URL {
  const text = String(url).trim();
  const field = origin.field ?? 'url';
  const rule = brokenTextRule(text);
  if (rule) throw refusal(rule, field, text);
  if (!URL.canParse(text, origin.base?.href)) throw refusal('url', field, text);
  const parsed = new URL(text, origin.base?.href);
  const broken = brokenUrlRule(parsed, text, policy);
  if (broken) throw refusal(broken, field, parsed);
  return parsed;
}

/** The host of a URL as the network wants it: an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** The port of a URL, also when it is left out. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

// What the parser would take out or turn without a word, and other readers of the same text would not.
function brokenTextRule(text: string): UrlRule | undefined {
  if (text.length > LONGEST_URL) return 'length';
  return /\p{Cc}/u.test(text) || /^[^?#]*\\/.test(text) ? 'characters' : undefined;
}

function brokenUrlRule(url: URL, text: string, policy: UrlPolicy): UrlRule | undefined {
  const schemes: readonly string[] = policy.schemes ?? ['http', 'https'];
  if (!['http:', 'https:'].includes(url.protocol) || !schemes.includes(url.protocol.slice(0, -1))) return 'scheme';
  // The parser would also take http:host and http:///host.
  if (/^[a-z][a-z\d+.-]*:(?!\/\/[^/])/i.test(text)) return 'url';
  if (url.username !== '' || url.password !== '' || writtenAuthority(text).includes('@')) return 'credentials';
  const broken = brokenHostRule(policy, hostOf(url), portOf(url));
  if (broken) return broken;
  // The parser has turned 0x7f.1, 2130706433 and full-width digits into four decimal numbers: right for the check of the
  // address above, but nobody writes a public address that way in good faith.
  const authority = writtenAuthority(text);
  const isPlain = authority === '' || authority.replace(/:\d*$/, '') === url.hostname;
  return isIPv4(url.hostname) && !isPlain ? 'plain_address' : undefined;
}

/** User, host and port as they were written; empty for a relative URL. */
function writtenAuthority(text: string): string {
  return /^(?:[a-z][a-z\d+.-]*:)?\/{2,}([^/?#]*)/i.exec(text)?.[1] ?? '';
}
