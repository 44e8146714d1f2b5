import type { FoundState } from '@fleet/store';
import { shorten } from '../characters';
import { nextRunFrom } from './next-run';
import { searchWith, type SearchProviders, type SearchQuestion } from './search-provider';
import { hashOfState, withQuestion } from './state';

/** Characters of a summary. */
const LONGEST_SUMMARY = 500;

/** Searches, and makes of what was found what is kept. @throws what the provider throws. */
export async function searchState(
  providers: SearchProviders,
  question: SearchQuestion,
  options: { readonly signal: AbortSignal },
): Promise<FoundState> {
  const { state, summary, conditionMet, nextRun } = await searchWith(providers, question, options);
  return {
    state: withQuestion(state, question),
    stateHash: hashOfState(state),
    summary: oneLine(summary),
    conditionMet,
    nextRunAt: nextRunFrom(nextRun, Date.now()),
  };
}

function oneLine(text: string): string {
  // Cut first: the characters of a long text are slow to count.
  return shorten(
    text
      .slice(0, 10 * LONGEST_SUMMARY)
      .replaceAll(/[\s\0]+/g, ' ')
      .trim(),
    LONGEST_SUMMARY,
  );
}
