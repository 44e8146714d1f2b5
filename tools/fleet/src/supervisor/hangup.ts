import { closeSync, constants, openSync } from 'node:fs';

/** Milliseconds within which a terminal that is being closed is gone: the signal may come first. */
const CLOSING_MS = 1000;

/** What SIGHUP may mean. */
export interface HangupMeanings {
  /** The terminal that the process was started from is closed. */
  readonly gone: () => void;
  /** Somebody asks for the settings to be read again. */
  readonly reload: () => void;
}

/**
 * Tells the two apart by whether the terminal is still there; a process without one is only ever asked to reload.
 *
 * @returns takes the handler away again.
 */
export function onHangup({ gone, reload }: HangupMeanings): () => void {
  const hadTerminal = hasTerminal();
  const isGone = (): boolean => hadTerminal && !hasTerminal();
  const onSignal = (): void => {
    if (isGone()) return gone();
    reload();
    setTimeout(() => isGone() && gone(), CLOSING_MS).unref();
  };
  process.on('SIGHUP', onSignal);
  return () => void process.off('SIGHUP', onSignal);
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}
