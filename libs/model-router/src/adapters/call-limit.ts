import { ProviderError } from '../provider';

/** What ends a call early: its caller, or the time it may take. */
export interface CallLimit {
  /** For the client: aborted by either. */
  readonly signal: AbortSignal;
  /** Gives it the time once more: the wait for the next chunk. */
  restart(): void;
  /** Stops the clock: nothing is waited for. */
  pause(): void;
  /** Takes the timer and the listener away. */
  end(): void;
  /** @throws the reason of the caller's signal; ProviderError `transient` when the time is over. */
  check(): void;
}

/** @param timeoutMs Milliseconds, from now and from each `restart`. */
export function limitCall(caller: AbortSignal, timeoutMs: number): CallLimit {
  caller.throwIfAborted();
  const controller = new AbortController();
  let late = false;
  let timer: NodeJS.Timeout | undefined;
  const pause = (): void => clearTimeout(timer);
  const restart = (): void => {
    pause();
    timer = setTimeout(() => {
      late = true;
      controller.abort();
    }, timeoutMs);
  };
  const leave = (): void => controller.abort();
  caller.addEventListener('abort', leave, { once: true });
  restart();
  return {
    signal: controller.signal,
    restart,
    pause,
    end() {
      pause();
      caller.removeEventListener('abort', leave);
    },
    check() {
      caller.throwIfAborted();
      if (late) throw new ProviderError('transient', `no answer within ${timeoutMs} ms`);
    },
  };
}
