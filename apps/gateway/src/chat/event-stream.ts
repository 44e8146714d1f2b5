import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { FleetError } from '@fleet/errors';

/** Bounds of a stream. */
export interface StreamLimits {
  /** Milliseconds of silence after which a comment is sent, so that no proxy takes the connection for dead. Default 15,000. */
  readonly pingMs: number;
  /** Bytes sent at most. Default 100 MiB. */
  readonly maxBytes: number;
  /** Milliseconds of silence of the provider, between two chunks, after which the stream is given up. Default 60,000. */
  readonly stallMs: number;
}

/** The limits of every stream. */
export const STREAM_LIMITS: StreamLimits = { pingMs: 15_000, maxBytes: 100 * 1_048_576, stallMs: 60_000 };

/** Server-sent events on an answer whose head is written here. Each event leaves at once; a slow reader slows the sender down. */
export class EventStream {
  #bytes = 0;
  readonly #ping: NodeJS.Timeout;

  constructor(
    private readonly response: ServerResponse,
    headers: Readonly<Record<string, string>>,
    private readonly limits: StreamLimits,
  ) {
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // Nginx would collect events otherwise.
      'x-accel-buffering': 'no',
    });
    response.flushHeaders();
    this.#ping = setInterval(() => this.#sendPing(), limits.pingMs);
    response.once('close', () => clearInterval(this.#ping));
  }

  /** Bytes of events so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Sends one event and waits until the reader takes it.
   *
   * @param signal ends the wait
   * @throws FleetError `stream_too_large`; the signal's reason.
   */
  async send(data: string, signal: AbortSignal): Promise<void> {
    const event = `data: ${data}\n\n`;
    this.#bytes += Buffer.byteLength(event);
    if (this.#bytes > this.limits.maxBytes) throw new FleetError('stream_too_large', { limit: this.limits.maxBytes });
    signal.throwIfAborted();
    this.#ping.refresh();
    if (this.response.write(event)) return;
    await once(this.response, 'drain', { signal }).catch(() => signal.throwIfAborted());
  }

  /** Sends the last event, whatever the reader took so far. */
  end(data: string): void {
    clearInterval(this.#ping);
    if (!this.response.destroyed) this.response.end(`data: ${data}\n\n`);
  }

  #sendPing(): void {
    if (!this.response.writableNeedDrain) this.response.write(': ping\n\n');
  }
}
