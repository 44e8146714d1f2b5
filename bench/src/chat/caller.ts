import { connect, type Socket } from 'node:net';
import { Answer } from './answer';

/** Milliseconds from asking to the first byte of the answer's body, and to its end. */
export interface Times {
  readonly first: number;
  readonly end: number;
}

/**
 * Asks over one connection, which it keeps. A socket, a request that is written beforehand, and nothing above it: what a
 * client costs is not to be measured. `node:http` costs 0.2 ms a request where requests are milliseconds apart.
 */
export class Caller {
  private readonly request: Buffer;
  private readonly address: { readonly host: string; readonly port: number };
  private socket: Socket | undefined;

  constructor(
    private readonly url: string,
    body: object,
  ) {
    const { hostname, port, host, pathname } = new URL(url);
    const text = JSON.stringify(body);
    const head = [
      `POST ${pathname} HTTP/1.1`,
      `host: ${host}`,
      'connection: keep-alive',
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(text)}`,
    ];
    this.address = { host: hostname, port: Number(port) };
    this.request = Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`);
  }

  /** @throws Error for any other status than 200, with what it said; for a connection that breaks. */
  async ask(): Promise<Times> {
    const begun = performance.now();
    const socket = (this.socket ??= this.connected());
    const answer = new Answer();
    let first = Number.NaN;
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error(`${this.url}: the connection was closed`));
      const take = (part: Buffer): void => {
        const now = performance.now() - begun;
        answer.take(part);
        if (Number.isNaN(first) && answer.hasBegun) first = now;
        if (!answer.isWhole) return;
        socket.off('data', take).off('close', fail);
        if (answer.status === 200) resolve({ first, end: now });
        else reject(new Error(`${this.url}: ${answer.text}`));
      };
      socket.on('data', take).once('close', fail);
      socket.write(this.request);
    });
  }

  /** Asks `count` times, one after the other. @returns milliseconds of each */
  async times(count: number, which: keyof Times): Promise<number[]> {
    const times: number[] = [];
    for (let done = 0; done < count; done += 1) times.push((await this.ask())[which]);
    return times;
  }

  close(): void {
    this.socket?.destroy();
  }

  /** A connection that its server closes while nothing is asked is made again. */
  private connected(): Socket {
    const socket = connect({ ...this.address, noDelay: true });
    socket.on('error', () => undefined);
    return socket.once('close', () => (this.socket = undefined));
  }
}
