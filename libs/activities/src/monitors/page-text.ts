import { TextDecoder } from 'node:util';
import { FleetError } from '@fleet/errors';
import { shownUrl, type GuardedResponse } from '@fleet/url-guard';
import { htmlText } from './html-text';

/** Characters of a page that are kept. */
const LONGEST_TEXT = 100_000;
/** Characters of HTML's text before its blanks are tidied. */
const LONGEST_RAW = 3 * LONGEST_TEXT;
/** Bytes in which HTML and XML say their charset. */
const PRESCAN = 1024;

/** Blanks and quotes in one class: in two that meet, a header full of blanks takes a second. */
const CHARSET = /charset\s*=[\s"']*([\w:.-]+)/i;
const HTML = /^(text\/html|application\/xhtml\+xml)$/;
const TEXT = /^(text\/.+|application\/(json|xml|javascript|[\w.-]+\+(json|xml)))$/;

/**
 * What a reader sees of a page: HTML without markup, menus and all; other text as it is. 100,000 characters at most.
 *
 * @throws FleetError `page_unreadable` for what is no text.
 */
export async function pageText({ headers, body, finalUrl }: GuardedResponse): Promise<string> {
  const contentType = headers['content-type'] ?? '';
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase() || guessedType(body);
  if (!HTML.test(type) && !TEXT.test(type)) {
    throw new FleetError('page_unreadable', { url: shownUrl(finalUrl), type: type.slice(0, 100) });
  }
  const text = decoded(body, contentType);
  return tidy(HTML.test(type) ? await htmlText(text, LONGEST_RAW) : text).slice(0, LONGEST_TEXT);
}

function guessedType(body: Buffer): string {
  const start = body.subarray(0, PRESCAN);
  if (start.includes(0)) return 'application/octet-stream';
  return /^\s*</.test(start.toString('latin1')) ? 'text/html' : 'text/plain';
}

/** By its byte order mark, else by the header, else by what the page itself says, else UTF-8. Bytes in no charset become "�". */
function decoded(body: Buffer, contentType: string): string {
  const [, stated] = CHARSET.exec(contentType) ?? [];
  const label = markOf(body) ?? stated ?? ownCharset(body) ?? 'utf-8';
  try {
    return new TextDecoder(label).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}

function markOf(body: Buffer): string | undefined {
  if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le';
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be';
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 'utf-8' : undefined;
}

function ownCharset(body: Buffer): string | undefined {
  const start = body.subarray(0, PRESCAN).toString('latin1');
  const [, inHtml] = /<meta[^>]+charset\s*=\s*["']?\s*([\w:.-]+)/i.exec(start) ?? [];
  const [, inXml] = /^\s*<\?xml[^>]+encoding\s*=\s*["']([\w:.-]+)/i.exec(start) ?? [];
  const label = inHtml ?? inXml;
  // A page that can be read this far as ASCII is not what it says.
  return label && /^utf-?16/i.test(label) ? 'utf-8' : label;
}

/** Blanks and empty lines are layout; NUL is nothing that Postgres holds. */
function tidy(text: string): string {
  return text
    .replaceAll('\0', '')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}
