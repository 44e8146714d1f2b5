import type { MonitorSearchInput } from '@fleet/workflow-registry/messages';

/** What is searched for. */
export interface SearchQuestion<Search extends MonitorSearchInput = MonitorSearchInput> {
  readonly query: string;
  readonly condition: string;
  readonly search: Search;
  /** What the last run found; undefined: this is the first that asks this. */
  readonly lastState: unknown;
  /** Names the search: under it what costs money is done once. */
  readonly requestId: string;
  readonly owner: string;
}

/** What a search found. */
export interface SearchFinding {
  /** JSON value. What stands under `_metadata`, wherever it is, tells no difference. */
  readonly state: Readonly<Record<string, unknown>>;
  /** One line of what was seen. */
  readonly summary: string;
  readonly conditionMet: boolean;
  /** When it says the next run should be, as text; null: never. Absent: it says nothing. */
  readonly nextRun?: string | null | undefined;
}

/** Searches for monitors in one way. */
export interface MonitorSearchProvider<Search extends MonitorSearchInput = MonitorSearchInput> {
  /** @throws FleetError of the table; the signal's reason. */
  search(question: SearchQuestion<Search>, options: { readonly signal: AbortSignal }): Promise<SearchFinding>;
}

/** A provider for each way there is. */
export type SearchProviders = {
  readonly [Name in MonitorSearchInput['provider']]: MonitorSearchProvider<
    Extract<MonitorSearchInput, { readonly provider: Name }>
  >;
};

/** Asks the provider that the question names. */
export function searchWith(
  providers: SearchProviders,
  question: SearchQuestion,
  options: { readonly signal: AbortSignal },
): Promise<SearchFinding> {
  const { search } = question;
  return search.provider === 'http'
    ? providers.http.search({ ...question, search }, options)
    : providers.llm.search({ ...question, search }, options);
}
