/** One mailbox, as `local@host`: no name, no list, no comment, nothing that a header or a mail server reads as more than one. */
const MAILBOX = /^[^\s<>()[\]@,;:"\\\p{Cc}]{1,64}@[^\s<>()[\]@,;:"\\\p{Cc}]{1,255}$/u;
const NAMED = /^([^<>@,;:"\\\p{Cc}]{1,100}?) ?<([^<>]+)>$/u;

/** A sender or receiver of mail. */
export interface Mailbox {
  /** Empty: the address alone. */
  readonly name: string;
  readonly address: string;
}

/** True for one plain address. */
export function isMailAddress(text: string): boolean {
  return MAILBOX.test(text);
}

/** Reads `local@host` or `Name <local@host>`; undefined when it is neither. */
export function parseMailbox(text: string): Mailbox | undefined {
  const [, name = '', address = text] = NAMED.exec(text) ?? [];
  return isMailAddress(address) ? { name: name.trim(), address } : undefined;
}
