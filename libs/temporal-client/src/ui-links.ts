import { FleetError } from '@fleet/errors';
import { isCloudAddress } from './cloud';
import { connectionConfigFrom } from './connection-config';
import type { Environment } from './deprecated-names';

const CLOUD_UI = 'https://cloud.temporal.io';

/** Addresses of pages of Temporal's web UI about one namespace; null where no UI is known. */
export interface UiLinks {
  workflow(id: string, runId: string): string | null;
  schedule(id: string): string | null;
}

/**
 * Links to `FLEET_TEMPORAL_UI_URL`; without it to Temporal Cloud's own UI when the address is one of Temporal Cloud, else
 * to nothing.
 *
 * @throws FleetError `invalid_variable`, and what `connectionConfigFrom` throws.
 */
export function uiLinksFrom(env: Environment): UiLinks {
  const { address, namespace } = connectionConfigFrom(env);
  const base = temporalUiFrom(env) ?? (isCloudAddress(address) ? CLOUD_UI : undefined);
  if (base === undefined) return { workflow: () => null, schedule: () => null };
  const root = `${base}/namespaces/${encodeURIComponent(namespace)}`;
  return {
    workflow: (id, runId) => `${root}/workflows/${encodeURIComponent(id)}/${encodeURIComponent(runId)}/history`,
    schedule: (id) => `${root}/schedules/${encodeURIComponent(id)}`,
  };
}

/**
 * `FLEET_TEMPORAL_UI_URL` without its last slash; undefined when it is not set.
 *
 * @throws FleetError `invalid_variable`.
 */
export function temporalUiFrom(env: Environment): string | undefined {
  const text = env['FLEET_TEMPORAL_UI_URL'];
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '';
  if (plain && url.search === '' && url.hash === '') return url.href.replace(/\/+$/, '');
  // Whatever it is, it may hold a password.
  throw new FleetError('invalid_variable', {
    variable: 'FLEET_TEMPORAL_UI_URL',
    rule: 'an http:// or https:// address without user, query and fragment',
    got: 'something else (not shown)',
  });
}
