export { parseAllowList, type AllowEntry } from './allow-list';
export { checkUrl, type UrlOrigin } from './check-url';
export { guardedFetch, type GuardedFetchOptions, type GuardedResponse } from './guarded-fetch';
export type { Method } from './outgoing';
export type { Resolve } from './pinned-connector';
export type { UrlPolicy } from './policy';
export { shownUrl, type UrlRule } from './refusal';
export { trustedBaseUrl, trustedFetch, type TrustedBaseUrl } from './trusted-base-url';
