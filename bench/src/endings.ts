/** Ends one thing. Calls after the first do nothing. */
export type End = () => Promise<void>;

/** A server or worker that can be ended. */
export interface Running {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Everything the bench has started and not yet ended: nothing may outlive it, however it ends. */
export class Endings {
  private readonly open = new Set<End>();
  private readonly starting = new Set<Promise<unknown>>();
  /** Killed without waiting, should the process have to exit at once. */
  private readonly pids = new Set<number>();

  constructor() {
    process.once('exit', () => this.killAll());
  }

  /**
   * Remembers how to end what was just started.
   *
   * @param pid Its process, if it is one.
   * @returns ends it now, instead of at the end of the bench.
   */
  add(end: () => Promise<void>, pid?: number): End {
    if (pid !== undefined) this.pids.add(pid);
    const once: End = async () => {
      if (!this.open.delete(once)) return;
      await end();
      if (pid !== undefined) this.pids.delete(pid);
    };
    this.open.add(once);
    return once;
  }

  /** Waits for a server to start and remembers to stop it. One that is half started at a Ctrl-C is waited for, then stopped. */
  async started<Server extends Running>(start: Promise<Server>): Promise<Server> {
    const remembered = start.then((server) => {
      this.add(() => server.stop(), server.pid);
      return server;
    });
    const settled = remembered.then(
      () => undefined,
      () => undefined,
    );
    this.starting.add(settled);
    try {
      return await remembered;
    } finally {
      this.starting.delete(settled);
    }
  }

  /** Ends all that is left, the last started first: workers go before the servers they talk to. */
  async endAll(): Promise<void> {
    await Promise.all(this.starting);
    for (const end of [...this.open].toReversed()) {
      await end().catch((error: unknown) => process.stderr.write(`while ending: ${String(error)}\n`));
    }
  }

  private killAll(): void {
    for (const pid of this.pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }
}
