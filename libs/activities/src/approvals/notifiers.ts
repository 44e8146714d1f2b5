import { FleetError } from '@fleet/errors';
import type { ApprovalRow } from '@fleet/store';
import { guardedFetch, shownUrl, trustedBaseUrl, type UrlPolicy } from '@fleet/url-guard';
import type { ActivityScope } from '../activity-scope';
import { signedHeaders, signingKey } from './webhook-signature';

/** Tells people about a request. What it throws is tried again by the activity's retry policy. */
export interface Notifier {
  readonly name: string;
  notify(approval: ApprovalRow, scope: Pick<ActivityScope, 'idempotencyKey' | 'signal'>): Promise<void>;
}

/** Takes a line of the log. */
export type LogLine = (fields: object, message: string) => void;

/** Writes a line, without the payload: logs go further than decisions do. */
export function createLogNotifier(log: LogLine): Notifier {
  return {
    name: 'log',
    async notify({ id, workflowId, owner, type, action, summary, expiresAt }) {
      log(
        { approval_id: id, workflow_id: workflowId, owner, type, action, summary, expires_at: expiresAt },
        'approval',
      );
    },
  };
}

/** Where the webhook goes and what signs it. */
export interface WebhookOptions {
  readonly url: string;
  /** `whsec_` and base64, of 24 bytes or more. */
  readonly secret: string;
}

/** Milliseconds for one call. */
const TIMEOUT_MS = 10_000;

/**
 * Posts the request to the operator's address, signed as Standard Webhooks are. The same request always has the same
 * `webhook-id` and `idempotency-key`, whatever attempt it is: the receiver can tell a repetition.
 *
 * @throws FleetError `invalid_variable`
 */
export function createWebhookNotifier({ url, secret }: WebhookOptions): Notifier {
  const key = signingKey(secret);
  const policy = policyOf(url);
  return {
    name: 'webhook',
    async notify(approval, { idempotencyKey, signal }) {
      const body = JSON.stringify({ type: 'approval.requested', data: published(approval) });
      const headers = {
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
        ...signedHeaders(key, { id: approval.id, body, at: new Date() }),
      };
      // A receiver that moved is the operator's to correct: a redirect would turn the POST into a GET.
      const options = {
        method: 'POST',
        headers,
        body,
        policy,
        maxRedirects: 0,
        timeoutMs: TIMEOUT_MS,
        signal,
      } as const;
      const { status } = await guardedFetch(url, options);
      if (status >= 300) throw new FleetError('webhook_refused', { url: shownUrl(url), status });
    },
  };
}

/** The operator's own host is trusted, wherever it is, and no other. */
function policyOf(url: string): UrlPolicy {
  // Its query is a receiver's own; credentials in it would be refused by every call, so they are refused here.
  const base = URL.canParse(url) ? Object.assign(new URL(url), { search: '', hash: '' }).href : url;
  return { allow: [trustedBaseUrl(base, 'FLEET_APPROVAL_WEBHOOK_URL').entry] };
}

function published(row: ApprovalRow): object {
  const { id, workflowId, owner, type, action, summary, payload, confidence, risk, createdAt, expiresAt } = row;
  const times = { created_at: createdAt, expires_at: expiresAt };
  return { id, workflow_id: workflowId, owner, type, action, summary, payload, confidence, risk, ...times };
}

/**
 * The notifiers that the environment asks for: the log always, the webhook when FLEET_APPROVAL_WEBHOOK_URL is set.
 *
 * @throws FleetError `invalid_variable`
 */
export function notifiersFrom(env: Readonly<Record<string, string | undefined>>, log: LogLine): readonly Notifier[] {
  const url = env['FLEET_APPROVAL_WEBHOOK_URL'];
  const notifiers = [createLogNotifier(log)];
  return url
    ? [...notifiers, createWebhookNotifier({ url, secret: env['FLEET_APPROVAL_WEBHOOK_SECRET'] ?? '' })]
    : notifiers;
}
