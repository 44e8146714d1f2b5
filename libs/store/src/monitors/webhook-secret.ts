import { randomBytes } from 'node:crypto';

/** A new secret that webhooks are signed with: `whsec_` and 32 random bytes in base64. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
