import { OWNER_HEADER } from '@fleet/workflow-registry/messages';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';

export { OWNER_HEADER };

type Headers = Record<string, Payload>;

/** Whose jobs they are when nobody says: the one user of a machine without keys. */
export const DEFAULT_OWNER = 'local';

/** The headers with the owner set. */
export function withOwnerHeader(headers: Headers, owner: string): Headers {
  return { ...headers, [OWNER_HEADER]: defaultPayloadConverter.toPayload(owner) };
}

/** The owner a run was started with; undefined when its headers have none. */
export function knownOwnerFrom(headers: Headers | null | undefined): string | undefined {
  const payload = headers?.[OWNER_HEADER];
  if (!payload) return undefined;
  const owner: unknown = defaultPayloadConverter.fromPayload(payload);
  return typeof owner === 'string' && owner !== '' ? owner : undefined;
}

/** The owner a run was started with, `local` when its headers have none. */
export function ownerFromHeaders(headers: Headers | null | undefined): string {
  return knownOwnerFrom(headers) ?? DEFAULT_OWNER;
}
