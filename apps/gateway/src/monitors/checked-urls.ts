import { FleetError, isFleetError } from '@fleet/errors';
import type { MonitorSpec } from '@fleet/store';
import { checkUrl, type UrlPolicy } from '@fleet/url-guard';

/**
 * The same with its URLs as they are read, once the policy lets them through. Where a name leads to is known only when it is
 * fetched, and checked again then.
 *
 * @throws FleetError `url_refused` with all URLs that are refused in `fields`.
 */
export function withCheckedUrls<Spec extends Partial<MonitorSpec>>(spec: Spec, policy: UrlPolicy): Spec {
  const refused: FleetError[] = [];
  const checked = (url: string, field: string): string => {
    try {
      return checkUrl(url, policy, { field }).href;
    } catch (error) {
      if (!isFleetError(error)) throw error;
      refused.push(error);
      return url;
    }
  };
  const { search, webhookUrl } = spec;
  const urls = search?.urls?.map((url, index) => checked(url, `search.urls[${index}]`));
  const result = {
    ...spec,
    ...(search && { search: { ...search, ...(urls && { urls }) } }),
    ...(typeof webhookUrl === 'string' && { webhookUrl: checked(webhookUrl, 'webhook_url') }),
  };
  const [first] = refused;
  if (first === undefined) return result;
  throw new FleetError('url_refused', first.details, { fields: refused.flatMap(({ fields }) => fields) });
}
