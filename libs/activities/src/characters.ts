/** The characters of a text as a reader counts them: an emoji of several code points is one. */
export function charactersOf(text: string): string[] {
  return Array.from(new Intl.Segmenter('en').segment(text), ({ segment }) => segment);
}

/** Cuts a text to `limit` characters, the last being "…". */
export function shorten(text: string, limit: number): string {
  const characters = charactersOf(text);
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join('')}…`;
}
