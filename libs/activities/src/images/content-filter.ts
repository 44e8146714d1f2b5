import { FleetError } from '@fleet/errors';
import { DENY_LIST } from './deny-list';

/** Throws when the prompt may not be drawn. */
export type ContentFilter = (prompt: string) => void;

/**
 * Builds the filter from the deny-list and the operator's own words, `FLEET_CONTENT_DENY` (words or phrases between
 * commas; default none).
 *
 * It is a first gate that costs nothing and says why it refused: whole words, compared without case, accents,
 * full-width forms or the punctuation between them, so "Scunthorpe" passes and "ＰÓRN" does not. It is **not** moderation: it
 * reads English, knows no context, and is beaten by a misspelling or a look-alike letter of another script. Where that
 * matters, the provider's own moderation has to answer.
 *
 * @returns a filter that throws FleetError `content_rejected`, naming the category and the word.
 * @throws FleetError `invalid_variable` for an entry of FLEET_CONTENT_DENY without a letter or digit: it could never match.
 */
export function createContentFilter(env: Readonly<Record<string, string | undefined>>): ContentFilter {
  const rules = [
    ...Object.entries(DENY_LIST).flatMap(([category, terms]) => terms.map((term) => ({ category, term: fold(term) }))),
    ...operatorTerms(env.FLEET_CONTENT_DENY ?? '').map((term) => ({ category: "the operator's own list", term })),
  ];
  return (prompt) => {
    const words = ` ${fold(prompt)} `;
    const broken = rules.find(({ term }) => words.includes(` ${term} `));
    if (broken === undefined) return;
    throw new FleetError('content_rejected', { reason: `"${broken.term}" is not allowed (${broken.category})` });
  };
}

function operatorTerms(list: string): string[] {
  const entries = list.split(',').filter((entry) => entry.trim() !== '');
  return entries.map((entry) => {
    const term = fold(entry);
    if (term !== '') return term;
    throw new FleetError('invalid_variable', {
      variable: 'FLEET_CONTENT_DENY',
      rule: 'words or phrases between commas',
      got: entry.trim(),
    });
  });
}

// NFKD takes "ﬁ", "Ｐ" and "é" apart into plain letters and marks; the marks and invisible joiners then go.
function fold(text: string): string {
  const letters = text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .toLowerCase();
  return letters
    .split(/[^\p{L}\p{N}]+/u)
    .join(' ')
    .trim();
}
