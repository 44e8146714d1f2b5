import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Message-IDs that are file names as they are. */
const PLAIN_ID = /^[\w][\w.@+-]{0,150}$/;
/** What a header of more than one line goes on with. */
const FOLD = /\r?\n[ \t]+/g;

/** A folder of messages, one file each. */
export interface MailFolder {
  /**
   * Keeps a message, whole or not at all. One with a Message-ID that is there already is taken and not kept again.
   *
   * @returns its name without `.eml`
   */
  keep(message: Buffer): string;
}

/** The folder at that path, which is made when it is missing. */
export function openMailFolder(path: string): MailFolder {
  let count = 0;
  // Mail is for whom it is addressed to: no other account of this machine reads it.
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return {
    keep(message) {
      const name = nameOf(message);
      count += 1;
      const part = join(path, `.${process.pid}-${count}.part`);
      writeFileSync(part, message, { mode: 0o600 });
      try {
        // Of any number at once one makes the name: the others find it there.
        linkSync(part, join(path, `${name}.eml`));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      } finally {
        rmSync(part, { force: true });
      }
      return name;
    },
  };
}

/** By the Message-ID; a message without one by what is in it. */
function nameOf(message: Buffer): string {
  const text = message.toString('latin1');
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const header = `\n${text.slice(0, end)}`.replaceAll(FOLD, ' ');
  // Trimmed afterwards: an expression that skips the blanks itself takes seconds for a few thousand of them.
  const [, line] = /\nmessage-id:([^\r\n]*)/i.exec(header) ?? [];
  const id = line?.trim().replace(/^<(.*)>$/, '$1') || undefined;
  if (id !== undefined && PLAIN_ID.test(id)) return id;
  return createHash('sha256')
    .update(id ?? message)
    .digest('hex')
    .slice(0, 32);
}
