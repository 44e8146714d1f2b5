import { isIP } from 'node:net';
import { classOf, type AddressClass } from './address';
import { coversAddress, coversName, isExactly, type AllowEntry } from './allow-list';

/** What may be fetched. The default is the public internet: http and https, ports 80 and 443. */
export interface UrlPolicy {
  /** Default: `http` and `https`. */
  readonly schemes?: readonly ('http' | 'https')[];
  /** Ports of public hosts. Default: 80 and 443. */
  readonly ports?: readonly number[];
  /** Destinations let through although they are not public; see `parseAllowList`. Default: none. */
  readonly allow?: readonly AllowEntry[];
}

/** The rule of a class of addresses, like `loopback_address`. */
export type AddressRule = `${Exclude<AddressClass, 'public'>}_address`;

/** One place that a connection would go to. */
export interface Destination {
  /** The host of the URL, in lower case and without brackets. */
  readonly host: string;
  readonly port: number;
  readonly address: string;
}

const DEFAULT_PORTS: readonly number[] = [80, 443];

// Names of this machine and of local networks, by RFC 6761, 6762, 8375 and ICANN's .internal; .onion by RFC 7686.
const LOCAL_SUFFIX = /(^|\.)(localhost|localdomain|local|internal|intranet|lan|home\.arpa|onion)$/;

/** The rule that the address of a destination breaks, or undefined: it may be connected to. */
export function brokenAddressRule(
  policy: UrlPolicy,
  { host, port, address }: Destination,
): AddressRule | 'port' | undefined {
  const addressClass = classOf(address);
  const entries = entriesOfPort(policy, port);
  // Credentials of the machine itself: neither a wide network nor a name opens them, only the address written out.
  if (addressClass === 'metadata') {
    return entries.some((entry) => isExactly(entry, address)) ? undefined : 'metadata_address';
  }
  if (entries.some((entry) => coversName(entry, host) || coversAddress(entry, address))) return undefined;
  if (addressClass !== 'public') return `${addressClass}_address`;
  return portsOf(policy).includes(port) ? undefined : 'port';
}

/**
 * The rule that a host breaks as far as can be said before its name is resolved, or undefined.
 *
 * @param host in lower case and without brackets
 */
export function brokenHostRule(
  policy: UrlPolicy,
  host: string,
  port: number,
): AddressRule | 'port' | 'local_name' | 'trailing_dot' | undefined {
  if (isIP(host) !== 0) return brokenAddressRule(policy, { host, port, address: host });
  // The same host under another text: it would slip past lists of names and past certificates.
  if (host.endsWith('.')) return 'trailing_dot';
  const entries = entriesOfPort(policy, port);
  if (entries.some((entry) => coversName(entry, host))) return undefined;
  if (LOCAL_SUFFIX.test(host) || !host.includes('.')) return 'local_name';
  // A network of the allow-list may open the port; its addresses are known only at connect time.
  const mayOpenPort = portsOf(policy).includes(port) || entries.some(({ target }) => 'network' in target);
  return mayOpenPort ? undefined : 'port';
}

function portsOf(policy: UrlPolicy): readonly number[] {
  return policy.ports ?? DEFAULT_PORTS;
}

function entriesOfPort(policy: UrlPolicy, port: number): readonly AllowEntry[] {
  return (policy.allow ?? []).filter((entry) =>
    entry.port === undefined ? portsOf(policy).includes(port) : entry.port === port,
  );
}
