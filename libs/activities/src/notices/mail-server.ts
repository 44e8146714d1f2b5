import { FleetError } from '@fleet/errors';
import { parseMailbox, type Mailbox } from './addresses';

/** The operator's mail server, and whom mail is from. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. Without it STARTTLS is used where the server offers it. */
  readonly secure: boolean;
  /** Refuses a server that offers no TLS: a password never goes over the net in the clear. */
  readonly requireTLS: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | undefined;
  readonly from: Mailbox;
}

const URL_RULE = 'smtp://host:port or smtps://host:port, with user:password@ if the server wants them';
const FROM_RULE = 'an address, like alerts@example.com or Alerts <alerts@example.com>';
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/**
 * Reads FLEET_SMTP_URL and FLEET_MAIL_FROM. Undefined when no server is named.
 *
 * @throws FleetError `invalid_variable`; the URL is never shown, for it may hold a password.
 */
export function mailServerFrom(env: Readonly<Record<string, string | undefined>>): MailServer | undefined {
  const text = env['FLEET_SMTP_URL'];
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const user = decoded(url?.username);
  const pass = decoded(url?.password);
  const isPlain = url && url.hostname !== '' && /^\/?$/.test(url.pathname) && url.search === '' && url.hash === '';
  if (!isPlain || !['smtp:', 'smtps:'].includes(url.protocol) || user === undefined || pass === undefined) {
    throw new FleetError('invalid_variable', { variable: 'FLEET_SMTP_URL', rule: URL_RULE, got: 'another text' });
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = url.protocol === 'smtps:';
  const auth = user === '' ? undefined : { user, pass };
  return {
    host,
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: auth !== undefined && !secure && !LOOPBACK.test(host),
    auth,
    from: senderFrom(env['FLEET_MAIL_FROM'] ?? ''),
  };
}

function senderFrom(text: string): Mailbox {
  const from = parseMailbox(text.trim());
  if (from) return from;
  const got = text === '' ? 'nothing' : JSON.stringify(text.slice(0, 200));
  throw new FleetError('invalid_variable', { variable: 'FLEET_MAIL_FROM', rule: FROM_RULE, got });
}

function decoded(part = ''): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
