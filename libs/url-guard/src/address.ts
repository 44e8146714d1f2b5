import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** What an address is for. Only `public` ones can be reached without the operator's leave. */
export type AddressClass =
  | 'public'
  | 'loopback'
  | 'private'
  | 'link_local'
  | 'carrier_nat'
  | 'multicast'
  | 'broadcast'
  | 'unspecified'
  | 'metadata'
  | 'embedded_ipv4'
  | 'reserved';

/** An address and the number of its leading bits that count. */
export type Network = readonly [address: ipaddr.IPv4 | ipaddr.IPv6, bits: number];

// Where clouds hand credentials to whoever asks. Most lie in a refused range anyway; 168.63.129.16 (Azure) looks public.
const METADATA = new Set(
  [
    '169.254.169.254',
    '169.254.170.2',
    '169.254.170.23',
    '168.63.129.16',
    '100.100.100.200',
    '192.0.0.192',
    'fd00:ec2::23',
    'fd00:ec2::254',
    'fd20:ce::254',
  ].map((address) => ipaddr.parse(address).toNormalizedString()),
);

const BY_RANGE: Readonly<Record<string, AddressClass>> = {
  loopback: 'loopback',
  private: 'private',
  uniqueLocal: 'private',
  deprecatedSiteLocal: 'private',
  linkLocal: 'link_local',
  carrierGradeNat: 'carrier_nat',
  multicast: 'multicast',
  broadcast: 'broadcast',
  unspecified: 'unspecified',
  // Each of these carries an IPv4 address that some gateway would take out and reach.
  ipv4Mapped: 'embedded_ipv4',
  rfc6145: 'embedded_ipv4',
  rfc6052: 'embedded_ipv4',
  '6to4': 'embedded_ipv4',
  teredo: 'embedded_ipv4',
};

const GLOBAL_UNICAST: Network = [ipaddr.IPv6.parse('2000::'), 3];
const IPV4_COMPATIBLE: Network = [ipaddr.IPv6.parse('::'), 96];

/**
 * The class of an address in its plain form, as a resolver gives it. Everything that is not known to be public, also
 * text that is no address, is `reserved`.
 */
export function classOf(address: string): AddressClass {
  if (isIP(address) === 0) return 'reserved';
  const parsed = ipaddr.parse(address);
  if (METADATA.has(parsed.toNormalizedString())) return 'metadata';
  const range = parsed.range();
  if (range !== 'unicast') return BY_RANGE[range] ?? 'reserved';
  return parsed instanceof ipaddr.IPv6 ? classOfUnicast(parsed) : 'public';
}

// ipaddr.js calls "unicast" whatever has no entry in its list, the unassigned seven eighths of IPv6 included.
function classOfUnicast(address: ipaddr.IPv6): AddressClass {
  if (address.match(...IPV4_COMPATIBLE)) return 'embedded_ipv4';
  if (!address.match(...GLOBAL_UNICAST)) return 'reserved';
  const [, , , , high = 0, low] = address.parts;
  // ISATAP (RFC 5214): an interface id of 00-00-5e-fe or 02-00-5e-fe, then an IPv4 address.
  return (high === 0 || high === 0x200) && low === 0x5efe ? 'embedded_ipv4' : 'public';
}

/** A network from `10.0.0.0/8`, or from one address; undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  if (isIP(text) !== 0) {
    const address = ipaddr.parse(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  }
  const [base = '', bits = ''] = text.split('/', 2);
  if (isIP(base) === 0 || !/^\d+$/.test(bits) || !ipaddr.isValidCIDR(text)) return undefined;
  return ipaddr.parseCIDR(text);
}

/** True when the network holds the address. An IPv4 network holds no IPv6 address, not even one that maps to it. */
export function networkHolds([base, bits]: Network, address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  return parsed.kind() === base.kind() && parsed.match(base, bits);
}

/** True for a network of one address. */
export function isSingleAddress([base, bits]: Network): boolean {
  return bits === (base.kind() === 'ipv4' ? 32 : 128);
}
