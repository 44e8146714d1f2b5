import { createHmac } from 'node:crypto';
import { FleetError } from '@fleet/errors';

/** What a signature covers. */
export interface SignedMessage {
  readonly id: string;
  readonly body: string;
  readonly at: Date;
}

/** Bytes below which a secret can be guessed. */
const LEAST_BYTES = 24;

/**
 * The key behind a secret as the Standard Webhooks specification spells it: `whsec_` and base64.
 *
 * @throws FleetError `invalid_variable`; the secret itself is never shown.
 */
export function signingKey(secret: string): Buffer {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(base64, 'base64');
  if (key.length >= LEAST_BYTES) return key;
  throw new FleetError('invalid_variable', {
    variable: 'FLEET_APPROVAL_WEBHOOK_SECRET',
    rule: `whsec_ and the base64 of ${LEAST_BYTES} bytes or more`,
    got: secret === '' ? 'nothing' : 'something else',
  });
}

/** The three headers of the specification: HMAC-SHA256 over id, time in seconds and body. */
export function signedHeaders(key: Buffer, { id, body, at }: SignedMessage): Readonly<Record<string, string>> {
  const seconds = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` };
}
