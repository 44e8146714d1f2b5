import { lookup as lookUp } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { brokenAddressRule, type UrlPolicy } from './policy';
import { refusal } from './refusal';

/** Gives the addresses of a host name, in the order to try them. Tests hand in their own. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface ConnectorOptions {
  readonly policy: UrlPolicy;
  readonly resolve: Resolve;
  /** Where the URL came from, for the error. */
  readonly field: string;
  /** The URL as it may be shown, for the error. */
  readonly shown: URL;
  /** No connection is opened once it is aborted. */
  readonly signal: AbortSignal;
  /** Milliseconds after which a connection is given up. */
  readonly timeoutMs: number;
}

/** The addresses of a name by the system's resolver, /etc/hosts included. */
export async function systemResolve(host: string): Promise<readonly string[]> {
  const found = await lookUp(host, { all: true });
  return found.map(({ address }) => address);
}

/**
 * A connector that resolves the host once, checks every address, and connects to one of exactly those: an answer that
 * changes between check and connection changes nothing. One refused address among them refuses the host, since the
 * others would be there only to be looked at.
 */
export function pinnedConnector(options: ConnectorOptions): buildConnector.connector {
  return (target, callback) => void connect(target, callback, options);
}

async function connect(
  target: buildConnector.Options,
  callback: buildConnector.Callback,
  options: ConnectorOptions,
): Promise<void> {
  try {
    const lookup = answering(await destinationOf(target, options));
    // Both ends of a connection that never comes: the signal closes the socket, the time is the limit of the whole fetch.
    const { signal, timeoutMs: timeout } = options;
    buildConnector({ timeout, lookup, autoSelectFamily: true, signal })(target, callback);
  } catch (error) {
    callback(error as Error, null);
  }
}

async function destinationOf(
  { hostname, port, protocol }: buildConnector.Options,
  { policy, resolve, field, shown, signal }: ConnectorOptions,
): Promise<readonly string[]> {
  signal.throwIfAborted();
  const addresses = isIP(hostname) === 0 ? await unlessAborted(resolve(hostname), signal) : [hostname];
  if (addresses.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
  const portNumber = port === '' ? defaultPort(protocol) : Number(port);
  for (const address of addresses) {
    const rule = brokenAddressRule(policy, { host: hostname, port: portNumber, address });
    if (rule) throw refusal(rule, field, shown);
  }
  return addresses;
}

// A look-up cannot be called back, only no longer be waited for.
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_done, fail) => {
    signal.addEventListener('abort', () => fail(signal.reason as Error), { once: true });
  });
  return Promise.race([work, aborted]);
}

function defaultPort(protocol: string): number {
  return protocol === 'https:' ? 443 : 80;
}

// node:net asks for all addresses when it may try several, else for one.
function answering(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, { all: wantsAll }, callback) => {
    const [first] = all;
    if (wantsAll || !first) callback(null, all);
    else callback(null, first.address, first.family);
  };
}
