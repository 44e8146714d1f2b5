/**
 * The side of a contestant's own process: answers what it is asked, until it is ended. The load comes from the same process,
 * as with a service that enqueues its own work.
 */
export function serve<Ask, Answer>(start: () => Promise<(ask: Ask) => Promise<Answer>>): void {
  listen(start).catch(die);
}

async function listen<Ask, Answer>(start: () => Promise<(ask: Ask) => Promise<Answer>>): Promise<void> {
  const measure = await start();
  process.on('message', (ask: Ask) => void measure(ask).then((answer) => process.send?.(answer), die));
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
}

function die(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
