import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Email } from 'postal-mime';
import { parseWhole } from '../arguments';
import { loadEnvironment, stateDirFrom } from '../environment';
import { dateTime } from '../output/format';
import { note, show } from '../output/print';
import { fields, table } from '../output/table';
import { UsageError } from '../usage-error';
import { command, readingCommand, type ReadingOptions } from './command';

const EXTENSION = '.eml';

/** `fleet mail list|show`: what the mail catcher kept. Read from its folder: neither it nor the gateway need to run. */
export function mailCommand(): Command {
  const list = readingCommand('list', 'What was caught, newest first', 'fleet mail list')
    .option('--limit <n>', 'messages at most, 1 to 200', '50')
    .action(listMail);
  const shown = readingCommand('show', 'One message, decoded', 'fleet mail show ntc_0123456789abcdefghjk@fleet')
    .argument('<id>')
    .action(showMail);
  return command('mail', 'Read the mail that the catcher of fleet up kept', 'fleet mail list')
    .addCommand(list)
    .addCommand(shown);
}

/** A message as it is printed. */
interface Mail {
  /** Its Message-ID, or what stands for one. */
  readonly id: string;
  /** When it was caught, ISO 8601. */
  readonly at: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

async function listMail({ json, limit }: ReadingOptions & { readonly limit: string }): Promise<void> {
  const most = parseWhole(limit, '--limit', 1, 200);
  const all = caught();
  const mails = await Promise.all(all.slice(0, most).map(readMail));
  show(json, { mail: mails.map(({ text: _text, html: _html, ...row }) => row) }, () => {
    if (mails.length === 0) return 'No mail.';
    return table(
      ['ID', 'CAUGHT', 'TO', 'SUBJECT'],
      mails.map(({ id, at, to, subject }) => [id, dateTime(at), to, subject]),
    );
  });
  if (all.length > most && !json) note(`${all.length - most} more: raise --limit`);
}

async function showMail(id: string, { json }: ReadingOptions): Promise<void> {
  const found = caught().find((each) => each.id === id || `<${each.id}>` === id);
  if (!found)
    throw new UsageError(`no mail has the id ${JSON.stringify(id.slice(0, 200))}`, 'fleet mail list has all.');
  const mail = await readMail(found);
  show(json, mail, () => {
    const head = fields([
      ['id', mail.id],
      ['caught', dateTime(mail.at)],
      ['from', mail.from],
      ['to', mail.to],
      ['subject', mail.subject],
    ]);
    return `${head}\n\n${mail.text.trimEnd()}`;
  });
}

interface CaughtFile {
  readonly id: string;
  readonly path: string;
  readonly at: Date;
}

/** Newest first. Of the folder's own list, so that an id is never a path. */
function caught(): readonly CaughtFile[] {
  const folder = join(stateDirFrom(loadEnvironment()), 'mail');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => name.endsWith(EXTENSION))
    .map((name) => {
      const path = join(folder, name);
      return { id: name.slice(0, -EXTENSION.length), path, at: statSync(path).mtime };
    })
    .toSorted((a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : -1));
}

async function readMail({ id, path, at }: CaughtFile): Promise<Mail> {
  const { default: PostalMime } = await import('postal-mime');
  const email: Email = await PostalMime.parse(readFileSync(path));
  const addresses = (email.to ?? []).map(({ address = '' }) => address).join(', ');
  return {
    id,
    at: at.toISOString(),
    from: plain(email.from?.address ?? ''),
    to: plain(addresses),
    subject: plain(email.subject ?? ''),
    text: plain(email.text ?? ''),
    html: email.html ?? '',
  };
}

/** Without what a terminal would obey: anybody may have sent it. */
function plain(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(/(?![\n\t])\p{Cc}/gu, '');
}
