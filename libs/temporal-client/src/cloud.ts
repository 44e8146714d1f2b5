import { FleetError } from '@fleet/errors';
import type { TemporalConnectionOptions } from './connection-config';

/** True for `<namespace>.<account>.tmprl.cloud:7233` and `<region>.<provider>.api.temporal.io:7233`. */
export function isCloudAddress(address: string): boolean {
  return /\.(tmprl\.cloud|api\.temporal\.io)\.?:\d+$/i.test(address);
}

/**
 * What Temporal Cloud asks of everybody, told before it is connected to: without it workers would start, be refused and
 * start again.
 *
 * @throws FleetError `invalid_variable`.
 */
export function requireCloudCredentials({ address, apiKey, tls }: TemporalConnectionOptions, namespace: string): void {
  if (!isCloudAddress(address)) return;
  const certificate = typeof tls === 'object' ? tls.clientCertPair : undefined;
  if (apiKey === undefined && certificate === undefined)
    throw new FleetError('invalid_variable', {
      variable: 'TEMPORAL_API_KEY',
      rule: 'set, or else TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, for an address of Temporal Cloud',
      got: 'nothing',
    });
  if (/^[^.\s]+\.[^.\s]+$/.test(namespace)) return;
  throw new FleetError('invalid_variable', {
    variable: 'TEMPORAL_NAMESPACE',
    rule: '<name>.<account>, as Temporal Cloud names them',
    got: JSON.stringify(namespace.slice(0, 200)),
  });
}
