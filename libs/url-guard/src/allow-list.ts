import { domainToASCII } from 'node:url';
import { isIP } from 'node:net';
import { FleetError } from '@fleet/errors';
import { isSingleAddress, networkHolds, parseNetwork, type Network } from './address';

/** One destination that the operator lets through although it is not public. */
export interface AllowEntry {
  /** The only port it opens; undefined: the ports of the policy. */
  readonly port: number | undefined;
  /** A host name, or `*.name` for every name below it, at whatever address it has; or a network. */
  readonly target: { readonly name: string } | { readonly network: Network };
}

const RULE =
  'names, *.names, addresses or networks between commas, each with a port if it is not 80 or 443, ' +
  'like hooks.internal, *.corp.example:8443, 10.1.0.0/16:8080, [fd00::/8]:8080';

/**
 * Reads the operator's list: entries between commas, blanks ignored, empty text an empty list.
 *
 * @param variable where the text comes from, for the error
 * @throws FleetError `invalid_variable` with the entry that is none
 */
export function parseAllowList(text: string, variable: string): readonly AllowEntry[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const parsed = parseEntry(entry);
      if (!parsed) throw new FleetError('invalid_variable', { variable, rule: RULE, got: entry.slice(0, 200) });
      return parsed;
    });
}

function parseEntry(entry: string): AllowEntry | undefined {
  const { host, port } = splitPort(entry);
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)) return undefined;
  const target = parseTarget(host);
  return target && { port: port === undefined ? undefined : Number(port), target };
}

function splitPort(entry: string): { host: string; port?: string } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(entry);
  if (bracketed) return { host: bracketed[1] ?? '', ...(bracketed[2] !== undefined && { port: bracketed[2] }) };
  const [host = '', port, ...rest] = entry.split(':');
  // Two colons without brackets are an IPv6 address, which then has no port.
  return rest.length > 0 ? { host: entry } : { host, ...(port !== undefined && { port }) };
}

function parseTarget(host: string): AllowEntry['target'] | undefined {
  const network = parseNetwork(host);
  if (network) return { network };
  // What makes a host ASCII reads it as a URL's: it drops what follows, and decodes.
  if (/[/\\?#%\s]/.test(host)) return undefined;
  const wildcard = host.startsWith('*.') ? '*.' : '';
  const name = domainToASCII(host.slice(wildcard.length));
  const isName = /^[a-z\d_]([a-z\d_-]*[a-z\d_])?(\.[a-z\d_]([a-z\d_-]*[a-z\d_])?)*$/.test(name) && isIP(name) === 0;
  return isName ? { name: wildcard + name } : undefined;
}

/** True when the entry is for this host name, in lower case. */
export function coversName({ target }: AllowEntry, host: string): boolean {
  if (!('name' in target)) return false;
  return target.name.startsWith('*.') ? host.endsWith(target.name.slice(1)) : host === target.name;
}

/** True when the entry is for this address. */
export function coversAddress({ target }: AllowEntry, address: string): boolean {
  return 'network' in target && networkHolds(target.network, address);
}

/** True when the entry is for this address and no other. */
export function isExactly(entry: AllowEntry, address: string): boolean {
  return 'network' in entry.target && isSingleAddress(entry.target.network) && coversAddress(entry, address);
}
