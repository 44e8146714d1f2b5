import { createHmac } from 'node:crypto';
import { FleetError } from '@fleet/errors';
import { guardedFetch, shownUrl, type UrlPolicy } from '@fleet/url-guard';
import type { NoticePayload } from './payload';

/** A webhook about to be sent. */
export interface WebhookCall {
  readonly url: string;
  readonly secret: string;
  readonly payload: NoticePayload;
}

/**
 * Posts a payload, signed.
 *
 * @throws FleetError `webhook_gone`, `webhook_refused`, `url_refused`, and what `guardedFetch` throws; the reason of the
 * signal.
 */
export type PostWebhook = (call: WebhookCall, signal: AbortSignal) => Promise<void>;

/** Milliseconds for one call. */
const TIMEOUT_MS = 10_000;
const GONE = 410;

/** Posts to what the policy lets through. @param timeoutMs Default 10,000. */
export function createPostWebhook(policy: UrlPolicy, timeoutMs = TIMEOUT_MS): PostWebhook {
  return async ({ url, secret, payload }, signal) => {
    const body = JSON.stringify(payload);
    const headers = {
      'content-type': 'application/json',
      'webhook-id': payload.id,
      'idempotency-key': payload.id,
      'fleet-signature': signatureOf(secret, body, new Date()),
    };
    // A redirect would turn the POST into a GET, or send what is signed for one receiver to another.
    const options = { method: 'POST', headers, body, policy, maxRedirects: 0, timeoutMs, signal } as const;
    const { status } = await guardedFetch(url, { ...options, field: 'webhook_url' });
    if (status === GONE) throw new FleetError('webhook_gone', { url: shownUrl(url) });
    if (status >= 300) throw new FleetError('webhook_refused', { url: shownUrl(url), status });
  };
}

/**
 * `t=<seconds>,v1=<hex>`: HMAC-SHA256 over the time, a dot and the body; the key is the secret as UTF-8. The time is that
 * of the try, so that a receiver may refuse what is older than 300 s.
 */
export function signatureOf(secret: string, body: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}
