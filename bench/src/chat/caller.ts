import { Agent, request } from 'node:http';

/** Milliseconds from asking to the first byte of the answer's body, and to its end. */
export interface Times {
  readonly first: number;
  readonly end: number;
}

/** Asks over one connection, which it keeps. `node:http` and nothing above it: what a client costs is not to be measured. */
export class Caller {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private readonly body: string;

  constructor(
    private readonly url: string,
    body: object,
  ) {
    this.body = JSON.stringify(body);
  }

  /** @throws Error for any other status than 200, with what it said. */
  async ask(): Promise<Times> {
    const begun = performance.now();
    const asked = request(this.url, {
      method: 'POST',
      agent: this.agent,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(this.body) },
    });
    return new Promise((resolve, reject) => {
      asked.once('error', reject);
      asked.once('response', (response) => {
        let first = Number.NaN;
        const parts: Buffer[] = [];
        response.once('data', () => (first = performance.now() - begun));
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', reject);
        response.once('end', () => {
          if (response.statusCode === 200) resolve({ first, end: performance.now() - begun });
          else reject(new Error(`${this.url}: ${response.statusCode} ${Buffer.concat(parts).toString()}`));
        });
      });
      asked.end(this.body);
    });
  }

  /** Asks `count` times, one after the other. @returns milliseconds of each */
  async times(count: number, which: keyof Times): Promise<number[]> {
    const times: number[] = [];
    for (let done = 0; done < count; done += 1) times.push((await this.ask())[which]);
    return times;
  }

  close(): void {
    this.agent.destroy();
  }
}
