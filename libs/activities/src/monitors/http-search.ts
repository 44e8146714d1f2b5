import { isRecord } from '@fleet/store/canonical-json';
import { shownUrl } from '@fleet/url-guard';
import type { MonitorSearchInput } from '@fleet/workflow-registry/messages';
import { readPage, readPages, type PageReading, type PageVersion } from './read-page';
import type { MonitorSearchProvider } from './search-provider';

type HttpSearch = Extract<MonitorSearchInput, { readonly provider: 'http' }>;

/** A page as it is kept. */
interface SeenPage {
  readonly url: string;
  readonly text: string;
}

/** Reads pages. The condition is met by what they say, or do not say; no model is asked. */
export function createHttpSearch(reading: PageReading): MonitorSearchProvider<HttpSearch> {
  return {
    async search({ search, lastState }, { signal }) {
      const seen = await readPages(search.urls, async (url, field) => {
        const last = lastPage(lastState, url);
        const page = await readPage(url, reading, { signal, known: last?.version, field });
        if (page === 'unchanged') return { url, text: last?.text ?? '', version: last?.version ?? {} };
        return { url, ...page };
      });
      const pages: readonly SeenPage[] = seen.map(({ url, text }) => ({ url, text }));
      const versions = Object.fromEntries(seen.map(({ url, version }) => [url, version]));
      return {
        state: { pages, _metadata: { fetched_at: new Date().toISOString(), versions } },
        ...judge(search, pages),
      };
    },
  };
}

function judge(search: HttpSearch, pages: readonly SeenPage[]): { conditionMet: boolean; summary: string } {
  const { contains, absent } = search;
  const said: string[] = [];
  let conditionMet = true;
  for (const [phrase, wanted] of [
    [contains, true],
    [absent, false],
  ] as const) {
    if (phrase === undefined) continue;
    const index = pages.findIndex(({ text }) => normal(text).includes(normal(phrase)));
    conditionMet &&= index >= 0 === wanted;
    said.push(`"${phrase}" is on ${shownPage(pages, index)}`);
  }
  const characters = pages.reduce((sum, { text }) => sum + text.length, 0);
  said.push(`${pages.length} page(s) read, ${characters.toLocaleString('en')} characters`);
  return { conditionMet, summary: said.join('; ') };
}

/** A URL is shown without its path, so of several pages its place among them says which one it is. */
function shownPage(pages: readonly SeenPage[], index: number): string {
  const page = pages[index];
  if (page === undefined) return 'no page';
  return pages.length > 1 ? `page ${index + 1}, ${shownUrl(page.url)}` : shownUrl(page.url);
}

/** How a phrase is written over lines and in capitals makes no difference. */
function normal(text: string): string {
  return text.replaceAll(/\s+/g, ' ').toLowerCase();
}

/** What the last run kept of a page, when the server can say that it is still so. */
function lastPage(state: unknown, url: string): (SeenPage & { readonly version: PageVersion }) | undefined {
  if (!isRecord(state) || !Array.isArray(state['pages']) || !isRecord(state['_metadata'])) return undefined;
  const page = (state['pages'] as readonly SeenPage[]).find((each) => each.url === url);
  const version = ((state['_metadata']['versions'] ?? {}) as Readonly<Record<string, PageVersion>>)[url];
  const isKnown = version?.etag !== undefined || version?.lastModified !== undefined;
  return page !== undefined && isKnown ? { ...page, version } : undefined;
}
