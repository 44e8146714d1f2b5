/**
 * The host of a Host header, in lower case and without port, brackets and trailing dot; undefined when it is not one.
 *
 * @param header For instance `LocalHost:8080`, `[::1]:8080` or `fleet.example.com`.
 */
export function hostnameOf(header: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.%]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header);
  const host = (match?.[1] ?? match?.[2])?.toLowerCase();
  return host?.endsWith('.') ? host.slice(0, -1) : host;
}

/** An address as a Host header spells it: an IPv4 address inside IPv6 (`::ffff:10.0.0.1`) in its short form. */
export function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:(?=\d+\.)/, '').toLowerCase();
}
