import type { FieldError } from '@fleet/errors';
import type { IdempotencyScope, Store } from '@fleet/store';
import type { ChatAnswer } from './answer';
import { ChatFailedError } from './chat-failed-error';
import { newRequestId } from './request-id';

/** A request that may come more than once. */
export interface KeyedRequest {
  /** The Idempotency-Key; without one every request is a new one. */
  readonly key: string | undefined;
  readonly owner: string;
  readonly path: string;
  readonly bodySha256: () => string;
}

/** What is told of a request as it goes. */
export interface OnceListener {
  /** The answer is one that was asked for before, or is being waited for by somebody else. */
  readonly onReplay: () => void;
  /** The answer could not be kept: the same key asks the workflow again. */
  readonly onNotKept: (error: unknown) => void;
}

/** What is kept of an answer: the answer, or the error it ended with. */
type Kept =
  | { readonly answer: ChatAnswer }
  | { readonly error: { readonly code: string; readonly message: string; readonly fields: readonly FieldError[] } };

/** Statuses below 500 that say nothing of the request itself: it may be sent again. */
const PASSING: ReadonlySet<number> = new Set([408, 409, 429]);

/**
 * Answers a request once: the same key and body again get the same answer for five minutes, whichever gateway is asked. While
 * the first is under way the others wait for the same workflow, by its request id. A failure that may pass is not kept, but the
 * key is freed only once the workflow has ended: until then whoever comes joins it.
 *
 * @param work Runs the request under that id; safe to call in several processes with the same id.
 * @throws FleetError `idempotency_key_reused`, `store_unavailable`, and what `work` throws
 */
export async function answerOnce(
  { idempotency }: Pick<Store, 'idempotency'>,
  { key, owner, path, bodySha256 }: KeyedRequest,
  work: (requestId: string) => Promise<ChatAnswer>,
  { onReplay, onNotKept }: OnceListener,
): Promise<ChatAnswer> {
  const fresh = newRequestId();
  if (key === undefined) return work(fresh);
  const scope: IdempotencyScope = { owner, path, key };
  const claim = await idempotency.claim({ ...scope, bodySha256: bodySha256(), requestId: fresh });
  if (claim.state !== 'new') onReplay();
  if (claim.state === 'done') return answerOf(JSON.parse(claim.body) as Kept);
  const requestId = claim.state === 'new' ? fresh : claim.requestId;
  const keep = (status: number, kept: Kept): Promise<void> =>
    idempotency.finish({ ...scope, requestId, status, body: JSON.stringify(kept) }).catch(onNotKept);
  try {
    const answer = await work(requestId);
    await keep(200, { answer });
    return answer;
  } catch (error) {
    if (!(error instanceof ChatFailedError)) throw error;
    const { status, code, message, fields } = error;
    if (status < 500 && !PASSING.has(status)) await keep(status, { error: { code, message, fields } });
    else await idempotency.forget({ ...scope, requestId }).catch(onNotKept);
    throw error;
  }
}

function answerOf(kept: Kept): ChatAnswer {
  if ('answer' in kept) return kept.answer;
  throw new ChatFailedError(kept.error);
}
