import { FleetError, isFleetError } from '@fleet/errors';
import { guardedFetch, shownUrl, type UrlPolicy } from '@fleet/url-guard';
import { pageText } from './page-text';

/** Bytes of a page after decompression. */
const MOST_BYTES = 2_000_000;
const TIMEOUT_MS = 10_000;
const MOST_REDIRECTS = 5;
/** Seconds that a busy server may ask to be left alone. */
const LONGEST_RETRY_AFTER_S = 86_400;

/** What a server said of a page so that it can say later that nothing has changed. */
export interface PageVersion {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** A page: its text, or that it is the version that is known. */
export type PageRead = { readonly text: string; readonly version: PageVersion } | 'unchanged';

/** How pages are read. */
export interface PageReading {
  /** What may be read. */
  readonly policy: UrlPolicy;
  /** Of a page, all redirects included. Default 10,000. */
  readonly timeoutMs?: number;
}

/**
 * Reads all pages of a search at once. URLs are shown without their paths, so of several an error says which one it is.
 *
 * @throws FleetError as `readPage`.
 */
export function readPages<Read>(
  urls: readonly string[],
  read: (url: string, field: string) => Promise<Read>,
): Promise<readonly Read[]> {
  return Promise.all(
    urls.map(async (url, index) => {
      const field = `search.urls[${index}]`;
      try {
        return await read(url, field);
      } catch (error) {
        if (urls.length > 1 && isFleetError(error) && !error.message.includes(field))
          error.message = `${field}: ${error.message}`;
        throw error;
      }
    }),
  );
}

/**
 * Reads a page that a user named.
 *
 * @param known The version whose text is at hand. Default: none is.
 * @throws FleetError `page_busy` (details have `retryAfterSeconds` when the server said it), `page_failed`, `page_refused`,
 *   `page_unreadable`; what `guardedFetch` throws; the signal's reason.
 */
export async function readPage(
  url: string,
  { policy, timeoutMs = TIMEOUT_MS }: PageReading,
  {
    signal,
    known,
    field,
  }: { readonly signal: AbortSignal; readonly known?: PageVersion | undefined; readonly field: string },
): Promise<PageRead> {
  const answer = await guardedFetch(url, {
    policy,
    timeoutMs,
    maxRedirects: MOST_REDIRECTS,
    maxBytes: MOST_BYTES,
    signal,
    field,
    headers: {
      accept: 'text/html, application/xhtml+xml, application/json, application/xml, text/*;q=0.9, */*;q=0.1',
      'user-agent': 'temporal-fleet monitor',
      ...(known?.etag !== undefined && { 'if-none-match': known.etag }),
      ...(known?.lastModified !== undefined && { 'if-modified-since': known.lastModified }),
    },
  });
  const { status, headers } = answer;
  if (status === 304 && known !== undefined) return 'unchanged';
  if (status < 200 || status >= 300) throw refusal(url, status, headers['retry-after']);
  return {
    text: await pageText(answer),
    version: { etag: headers['etag'], lastModified: headers['last-modified'] },
  };
}

function refusal(url: string, status: number, retryAfter: string | undefined): FleetError {
  const details = { url: shownUrl(url), status };
  if (status === 429 || status === 503) {
    const retryAfterSeconds = secondsOf(retryAfter);
    return new FleetError('page_busy', retryAfterSeconds === undefined ? details : { ...details, retryAfterSeconds });
  }
  const passes = status >= 500 || status < 400 || status === 408 || status === 425;
  return new FleetError(passes ? 'page_failed' : 'page_refused', details);
}

/** Seconds or a date. */
function secondsOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return seconds > 0 ? Math.min(Math.ceil(seconds), LONGEST_RETRY_AFTER_S) : undefined;
}
