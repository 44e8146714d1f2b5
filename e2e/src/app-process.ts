import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '@fleet/fleet-cli/services/testing';
import { pause, ROOT } from './fleet';
import { SECRETS } from './secrets';

/** A built app that runs as a process of its own, with what it says. */
export class AppProcess {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly said: string[],
  ) {}

  /**
   * Starts an app and waits until it is ready.
   *
   * @param portVariable names the variable it reads the port of its /readyz from
   * @param said what it prints is added here
   * @param port default: a free one
   */
  static async start(
    app: string,
    portVariable: string,
    env: Readonly<Record<string, string>>,
    said: string[],
    port?: number,
  ): Promise<AppProcess> {
    const own = port ?? (await freePort());
    const child = spawn('node', [`apps/${app}/dist/main.js`], {
      cwd: ROOT,
      env: { ...process.env, ...env, [portVariable]: String(own) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => void said.push(text));
    }
    const started = new AppProcess(`http://127.0.0.1:${own}`, child, said);
    await started.ready(app);
    return started;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Ends the process, whatever it is doing. */
  async kill(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  /** The value of a metric, of all its series together; undefined when there is none. */
  async metric(name: string): Promise<number | undefined> {
    const response = await fetch(`${this.url}/metrics`, { headers: { authorization: `Bearer ${SECRETS.token}` } });
    const text = await response.text();
    const values = [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))].map(([, value]) =>
      Number(value),
    );
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value);
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async ready(app: string): Promise<void> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined);
      if (answer?.status === 200) return;
      if (this.hasEnded || Date.now() > deadline)
        throw new Error(`${app} is not ready: ${this.said.join('').slice(-4_000)}`);
      await pause(50);
    }
  }
}
