import { parseAllowList, type UrlPolicy } from '@fleet/url-guard';

/**
 * What monitors may read and where their webhooks may go: the public internet, and what FLEET_MONITOR_ALLOW lets through.
 *
 * @throws FleetError `invalid_variable`
 */
export function monitorPolicyFrom(env: Readonly<Record<string, string | undefined>>): UrlPolicy {
  return { allow: parseAllowList(env['FLEET_MONITOR_ALLOW'] ?? '', 'FLEET_MONITOR_ALLOW') };
}
