import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isFleetError } from '@fleet/errors';
import type { CallKey, ProviderCalls } from '@fleet/store';

/** How long a holder that gives no sign of life keeps a call, milliseconds, and how often one that lives says so. */
const LEASE_MS = 10_000;
const RENEW_MS = 3_000;
/** How long one look at a call of somebody else lasts, milliseconds. */
const WAIT_MS = 30_000;
/** What a call that was sent still gets after its activity was aborted, milliseconds. */
const GRACE_MS = 3_000;
/** How long an outcome that Postgres does not take is held back, milliseconds, and the wait between two tries. */
const STORE_MS = 5_000;
const STORE_AGAIN_MS = 200;

/** A call of a provider that is to be made once, whoever wants it. */
export interface CallOnce extends CallKey {
  /** Aborted: nobody wants the outcome here any more. */
  readonly signal: AbortSignal;
  /** Makes the call. @returns its outcome as JSON text. */
  readonly make: (signal: AbortSignal) => Promise<string>;
}

/**
 * Makes a call, or takes the outcome of whoever made it: waits for a holder that lives, takes over from one that died.
 *
 * When the signal aborts before the call is made, the claim is given back at once. A call that was sent is given 3 s to
 * end, because it is paid for by then: its outcome is stored for whoever comes next. After that it is aborted, its claim
 * given back, and the next claimant asks again, under the same idempotency key: what the provider made of the first one is
 * not known.
 *
 * @returns the outcome that counts.
 * @throws the signal's reason; FleetError `store_unavailable`: without a claim no call is made; what `make` throws.
 */
export async function callOnce(calls: ProviderCalls, { requestId, step, signal, make }: CallOnce): Promise<string> {
  const key = { requestId, step };
  const claim = { ...key, holder: randomUUID() };
  for (;;) {
    signal.throwIfAborted();
    const found = await calls.claim({ ...claim, leaseMs: LEASE_MS });
    if (found.state === 'done') return found.outcome;
    if (found.state === 'claimed') break;
    const outcome = await calls.waitFor(key, { signal, timeoutMs: WAIT_MS });
    if (outcome !== undefined) return outcome;
  }
  let outcome: string;
  try {
    outcome = await whileHeld(calls, claim, signal, make);
  } catch (error) {
    await calls.release(claim).catch(() => undefined);
    throw error;
  }
  return stored(calls, { ...claim, outcome });
}

type Claim = CallKey & { readonly holder: string };

async function whileHeld(
  calls: ProviderCalls,
  claim: Claim,
  signal: AbortSignal,
  make: CallOnce['make'],
): Promise<string> {
  signal.throwIfAborted();
  const own = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  const onAbort = (): void => void (grace = setTimeout(() => own.abort(signal.reason), GRACE_MS));
  signal.addEventListener('abort', onAbort, { once: true });
  // A lease that was lost, or Postgres away, is no reason to stop a call that is paid for: the first outcome stored counts.
  const renewing = setInterval(
    () => void calls.renew({ ...claim, leaseMs: LEASE_MS }).catch(() => undefined),
    RENEW_MS,
  );
  try {
    return await make(own.signal);
  } finally {
    clearInterval(renewing);
    clearTimeout(grace);
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Postgres may be away by now. The answer is not held up for long: on Temporal it is safe in the activity's result. Only
 * another executor that waits for the same call would make it again, once the lease is over.
 */
async function stored(calls: ProviderCalls, call: Claim & { readonly outcome: string }): Promise<string> {
  const wait = { isOver: false };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(call.outcome), STORE_MS);
  });
  try {
    return await Promise.race([untilStored(calls, call, wait), late]);
  } finally {
    wait.isOver = true;
    clearTimeout(timer);
  }
}

async function untilStored(
  calls: ProviderCalls,
  call: Claim & { readonly outcome: string },
  wait: { readonly isOver: boolean },
): Promise<string> {
  for (;;) {
    try {
      return await calls.finish(call);
    } catch (error) {
      if (!isFleetError(error) || error.code !== 'store_unavailable') throw error;
      if (wait.isOver) return call.outcome;
      await delay(STORE_AGAIN_MS);
    }
  }
}
