/** One HTTP/1.1 answer as its bytes arrive: enough of the protocol to know its status, its first byte and its last. */
export class Answer {
  /** A character a byte. */
  private received = '';
  private bodyAt: number | undefined;
  /** Of the body; undefined: it comes in chunks. */
  private length: number | undefined;
  /** Where the next chunk begins. */
  private chunkAt = 0;

  /** Takes what arrived. */
  take(part: Buffer): void {
    this.received += part.toString('latin1');
    if (this.bodyAt !== undefined) return;
    const headEnd = this.received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    this.bodyAt = headEnd + 4;
    this.chunkAt = this.bodyAt;
    const length = /^content-length: *(\d+)/im.exec(this.received.slice(0, headEnd))?.[1];
    this.length = length === undefined ? undefined : Number(length);
  }

  get status(): number {
    return Number(this.received.slice(9, 12));
  }

  /** Head and body, for messages. */
  get text(): string {
    return this.received;
  }

  /** Whether a byte of the body is here, chunks' own sizes not counted. */
  get hasBegun(): boolean {
    if (this.bodyAt === undefined) return false;
    if (this.length !== undefined) return this.received.length > this.bodyAt;
    const sizeEnd = this.received.indexOf('\r\n', this.bodyAt);
    return sizeEnd >= 0 && this.received.length > sizeEnd + 2;
  }

  /** Whether its last byte is here. */
  get isWhole(): boolean {
    if (this.bodyAt === undefined) return false;
    return this.length === undefined ? this.isLastChunkHere() : this.received.length >= this.bodyAt + this.length;
  }

  private isLastChunkHere(): boolean {
    for (;;) {
      const sizeEnd = this.received.indexOf('\r\n', this.chunkAt);
      if (sizeEnd < 0) return false;
      const size = Number.parseInt(this.received.slice(this.chunkAt, sizeEnd), 16);
      const end = sizeEnd + 2 + size + 2;
      if (this.received.length < end) return false;
      if (size === 0) return true;
      this.chunkAt = end;
    }
  }
}
