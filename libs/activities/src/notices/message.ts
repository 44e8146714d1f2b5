import { shorten } from '../characters';
import { escapeXml } from '../escape-xml';
import type { MailMessage } from './mailer';
import type { NoticePayload } from './payload';

const SUBJECT_LENGTH = 120;

/**
 * The email of a notice, as text and as HTML. Names and summaries come from people and from the pages of others: in the
 * subject they are one line, in HTML they are escaped.
 */
export function messageOf(payload: NoticePayload, to: string, date: Date): MailMessage {
  const { id, monitor, execution } = payload;
  const lines: readonly (readonly [string, string])[] = [
    ['Condition', clean(monitor.condition)],
    ['Seen', clean(execution.summary ?? '')],
    ['Where', monitor.urls.map(oneLine).join('\n')],
    ['When', execution.at ?? date.toISOString()],
    ['Changed', changeText(execution.changed)],
  ];
  const shown = lines.filter(([, value]) => value !== '');
  const title = `The condition of "${oneLine(monitor.name)}" is met`;
  const origin = `Monitor ${monitor.id}, run ${execution.id}, notice ${id}.`;
  const rows = shown.map(
    ([name, value]) => `<tr><th align="left">${name}</th><td>${breaks(escapeXml(value))}</td></tr>`,
  );
  return {
    messageId: `<${id}@fleet>`,
    to,
    date,
    subject: shorten(`Condition met: ${oneLine(monitor.name)}`, SUBJECT_LENGTH),
    text: `${title}.\n\n${shown.map(([name, value]) => `${name}: ${value}`).join('\n')}\n\n${origin}\n`,
    html: `<p>${escapeXml(title)}.</p>\n<table>${rows.join('\n')}</table>\n<p><small>${escapeXml(origin)}</small></p>\n`,
  };
}

function changeText(changed: boolean | null): string {
  if (changed === null) return '';
  return changed ? 'yes' : 'no';
}

/** Without control characters and halves of a pair, and without those that turn the direction of text: a name must not rewrite its line. */
function clean(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u202a-\u202e\u2066-\u2069]|\p{Cs}|(?!\n)\p{Cc}/gu, ' ')
    .trim();
}

function oneLine(text: string): string {
  return clean(text).replaceAll(/\s+/g, ' ');
}

function breaks(html: string): string {
  return html.replaceAll('\n', '<br>');
}
