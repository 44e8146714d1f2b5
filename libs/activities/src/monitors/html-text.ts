import { setImmediate as nextTurn } from 'node:timers/promises';

/** Characters parsed before other work gets its turn: a page may be made so that it takes long. */
const SLICE = 16_384;
/** Open elements; what is nested deeper is left out. */
const DEEPEST = 2_000;

const UNSEEN = new Set(['script', 'style', 'noscript', 'template', 'svg', 'title', 'iframe', 'object', 'canvas']);
/** Elements that have a line of their own. */
const LINES = new Set(
  (
    'address article aside br caption dd div dl dt fieldset figcaption figure footer form header hr li main nav option ' +
    'pre section select summary tbody tfoot thead tr'
  ).split(' '),
);
/** Elements with an empty line around them. */
const PARAGRAPHS = new Set('blockquote details h1 h2 h3 h4 h5 h6 ol p table ul'.split(' '));

/**
 * The text that a reader sees of HTML, in lines as it would be shown; blanks are not tidied. It takes turns with whatever
 * else the process does.
 *
 * @param limit Characters after which it stops.
 */
export async function htmlText(html: string, limit: number): Promise<string> {
  // Loaded by whoever reads a page first.
  const { Parser } = await import('htmlparser2');
  const seen = new SeenText();
  const parser = new Parser(seen);
  for (let at = 0; at < html.length && seen.goesOn(limit); at += SLICE) {
    parser.write(html.slice(at, at + SLICE));
    await nextTurn();
  }
  parser.end();
  return seen.text().slice(0, limit);
}

/** Gathers what is seen from what a parser comes across. */
class SeenText {
  private readonly parts: string[] = [];
  private length = 0;
  private depth = 0;
  private unseen = 0;

  goesOn(limit: number): boolean {
    return this.length < limit && this.depth < DEEPEST;
  }

  text(): string {
    return this.parts.join('');
  }

  onopentagname(name: string): void {
    this.depth += 1;
    if (UNSEEN.has(name)) this.unseen += 1;
    this.add(breakOf(name));
  }

  ontext(text: string): void {
    if (this.unseen === 0) this.add(text.replaceAll(/\s+/g, ' '));
  }

  onclosetag(name: string): void {
    this.depth -= 1;
    if (UNSEEN.has(name)) this.unseen -= 1;
    // A cell ends with a blank, so that it does not run into the next.
    this.add(name === 'td' || name === 'th' ? ' ' : breakOf(name));
  }

  private add(text: string): void {
    // A blank or a line's end at the beginning of a line says nothing.
    const isBlank = text === ' ' || text === '\n';
    if (text === '' || (isBlank && (this.parts.at(-1) ?? '\n').endsWith('\n'))) return;
    this.parts.push(text);
    this.length += text.length;
  }
}

function breakOf(name: string): string {
  if (PARAGRAPHS.has(name)) return '\n\n';
  return LINES.has(name) ? '\n' : '';
}
