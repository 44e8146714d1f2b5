/** How the text of an answer is handed over. */
export interface OutputFormat {
  /** Default: as the model wrote it. */
  readonly type?: 'json' | 'markdown' | 'text' | 'xml' | undefined;
  /** Longer text is cut after four characters for each; JSON is not, since half of it is none. */
  readonly maxTokens?: number | undefined;
  /** Takes out what models that reason aloud put between `<think>` and `</think>`. Default false. */
  readonly stripThink?: boolean | undefined;
}

const CHARACTERS_PER_TOKEN = 4;

/**
 * The text of an answer in the format that the caller wants:
 * - `json`: the JSON value of the answer, also out of a code fence or out of prose; text that has none becomes `{"answer": text}`
 * - `markdown`: as it is
 * - `text`: without the marks of markdown (fences, headings, quotes, emphasis, code)
 * - `xml`: the XML of the answer, also out of a code fence; other text becomes `<answer>text</answer>`, escaped
 */
export function formatAnswer(text: string, { type, maxTokens, stripThink }: OutputFormat): string {
  const said = stripThink ? withoutThinking(text) : text;
  switch (type) {
    case 'json': {
      const value = jsonIn(said);
      return JSON.stringify(value === undefined ? { answer: cut(said.trim(), maxTokens) } : value);
    }
    case 'text':
      return cut(withoutMarks(said).trim(), maxTokens);
    case 'xml':
      return xmlOf(said, maxTokens);
    default:
      return cut(said, maxTokens);
  }
}

/** A thought that was never ended, because the answer was cut, goes to the end. */
function withoutThinking(text: string): string {
  return text.replace(/<think>[\s\S]*?(?:<\/think>\s*|$)/g, '').trimStart();
}

/** Between characters, not between the halves of one. */
function cut(text: string, maxTokens: number | undefined): string {
  if (maxTokens === undefined) return text;
  const most = maxTokens * CHARACTERS_PER_TOKEN;
  if (text.length <= most) return text;
  return text.slice(0, /[\uD800-\uDBFF]/.test(text.charAt(most - 1)) ? most - 1 : most);
}

/** The whole text, what is in its first fence, or from the first bracket to the last of the same kind. */
function jsonIn(text: string): unknown {
  const [object, array] = [
    [text.indexOf('{'), text.lastIndexOf('}')],
    [text.indexOf('['), text.lastIndexOf(']')],
  ] as const;
  const parts = [object, array].filter(([from, to]) => from >= 0 && to > from).toSorted((a, b) => a[0] - b[0]);
  const candidates = [text, fenced(text), ...parts.map(([from, to]) => text.slice(from, to + 1))];
  for (const candidate of candidates) {
    const value = candidate === undefined ? undefined : parsed(candidate);
    if (value !== undefined) return value;
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function fenced(text: string): string | undefined {
  return /```[^\n`]*\n([\s\S]*?)\n?```/.exec(text)?.[1];
}

function xmlOf(text: string, maxTokens: number | undefined): string {
  const inner = (fenced(text) ?? text).trim();
  if (/^<[A-Za-z?!][\s\S]*>$/.test(inner)) return inner;
  const escaped = cut(text.trim(), maxTokens).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<answer>${escaped}</answer>`;
}

function withoutMarks(text: string): string {
  return text
    .replace(/^[ \t]*```.*$\n?/gm, '')
    .replace(/^[ \t]{0,3}(?:#{1,6}|>)[ \t]+/gm, '')
    .replace(/(\*\*|__)(?=\S)([^\n]{0,500}?\S)\1/g, '$2')
    .replace(/`([^`\n]{1,500})`/g, '$1');
}
