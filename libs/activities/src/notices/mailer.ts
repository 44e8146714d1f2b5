import { FleetError } from '@fleet/errors';
import { isMailAddress } from './addresses';
import type { MailServer } from './mail-server';

/** A message to one receiver. */
export interface MailMessage {
  /** With its angle brackets. The same in each try: by it a receiver can tell a repetition. */
  readonly messageId: string;
  readonly to: string;
  readonly date: Date;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * Hands a message to the mail server, on a connection of its own.
 *
 * @throws FleetError `mail_not_configured`, `mail_refused`, `mail_failed`, `mail_timed_out`; the reason of the signal.
 */
export type SendMail = (message: MailMessage, signal: AbortSignal) => Promise<void>;

/** Milliseconds from the look-up of the server's name to its word that it has the message. */
const TIMEOUT_MS = 30_000;

/** What the mail server's replies are cut to in a reason, in characters. */
const REPLY_LENGTH = 200;

/** Sends by that server. @param timeoutMs Default 30,000. */
export function createSendMail(server: MailServer | undefined, timeoutMs = TIMEOUT_MS): SendMail {
  return async ({ to, messageId, ...message }, signal) => {
    if (!server) throw new FleetError('mail_not_configured');
    // Never a list, a name or a second header: one address, or none at all.
    if (!isMailAddress(to)) throw new FleetError('mail_refused', { reason: 'it is not one plain address' });
    const { createTransport } = await import('nodemailer');
    const { from, ...connection } = server;
    const transport = createTransport({
      ...connection,
      pool: false,
      // A server that forgets to offer it does not get the message without the password.
      forceAuth: server.auth !== undefined,
      dnsTimeout: Math.min(5_000, timeoutMs),
      connectionTimeout: Math.min(10_000, timeoutMs),
      greetingTimeout: Math.min(10_000, timeoutMs),
      socketTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      await transport.sendMail({
        ...message,
        from,
        to: { name: '', address: to },
        messageId,
        headers: { 'Auto-Submitted': 'auto-generated' },
        xMailer: false,
        signal: AbortSignal.any([signal, deadline]),
      });
    } catch (error) {
      signal.throwIfAborted();
      throw deadline.aborted ? tooSlow(`not taken within ${timeoutMs} ms`, error) : mailError(error);
    } finally {
      transport.close();
    }
  };
}

/** What nodemailer says of a failure. */
interface SmtpFailure {
  readonly code?: string;
  readonly originalCode?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
  readonly permanent?: boolean;
  readonly message?: string;
}

function mailError(error: unknown): FleetError {
  const failure = (error ?? {}) as SmtpFailure;
  const { code = 'error', originalCode, command, response, permanent } = failure;
  if (code === 'ETIMEDOUT') return tooSlow(failure.message ?? code, error);
  const isAboutMessage = code === 'EENVELOPE' || code === 'EMESSAGE';
  // Of logging in only the number is told: what a server adds there may repeat the user's name.
  const shown = isAboutMessage ? response : response?.slice(0, 3);
  const reason = shown ? shownReply(shown) : [originalCode ?? code, command].filter(Boolean).join(' at ');
  // A refused sender or login is the operator's to mend, and may be by the next try; a refused receiver stays refused.
  const isFinal = permanent === true && command === 'RCPT TO';
  return new FleetError(isFinal ? 'mail_refused' : 'mail_failed', { reason }, { cause: error });
}

function tooSlow(reason: string, cause: unknown): FleetError {
  return new FleetError('mail_timed_out', { reason }, { cause });
}

function shownReply(reply: string): string {
  return reply.replaceAll(/\p{Cc}+/gu, ' ').slice(0, REPLY_LENGTH);
}
