// A process of the crash test: goes on with the agents it finds, and starts one when it is told to. For specs only.
import { createActivities } from '@fleet/activities';
import { createLocalExecutor } from '@fleet/durable-executor';
import { openPostgresStore } from '@fleet/durable-executor/postgres';
import { openStore } from '@fleet/store';
import { agent } from '@fleet/workflows/portable';

/** What the process is told. */
export interface AgentHostOrder {
  readonly url: string;
  /** Variables of the agent activities. */
  readonly env: Readonly<Record<string, string>>;
  /** The agent it starts. */
  readonly start?: { readonly id: string; readonly prompt: string };
}

async function main({ url, env, start }: AgentHostOrder): Promise<void> {
  const executor = createLocalExecutor({
    store: openPostgresStore({ url, maxConnections: 2 }),
    workflows: [agent],
    activities: createActivities({ store: openStore({ url }), env }),
    lease: 600,
  });
  await executor.resume();
  if (start) await executor.execute(agent, { kind: 'agent', prompt: start.prompt }, { id: start.id });
  process.stdout.write('ready\n');
  process.stdin.on('end', () => process.exit(0)).resume();
}

void main(JSON.parse(process.argv[2] ?? '{}') as AgentHostOrder);
