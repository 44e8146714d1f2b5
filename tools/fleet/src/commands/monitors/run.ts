import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { parseDuration } from '../../duration';
import type { GatewayApi } from '../../gateway-api';
import type { AskedRun, MonitorExecution, MonitorPreview, Notice } from '../../monitor-contract';
import { note, show } from '../../output/print';
import { QuietExit } from '../../usage-error';
import { gateway, readingCommand, type ReadingOptions } from '../command';
import { bodyOf, withBodyOptions, type BodyOptions } from './body';
import { describedPreview, describedRun, monitorPath } from './described';

/** Milliseconds between two looks at a run. */
const LOOK_EVERY_MS = 500;
/** Milliseconds for the notices of a run that tells people to be there: they are written down right after its end. */
const NOTICES_WITHIN_MS = 3000;
/** Milliseconds for a preview: more than the gateway waits for it. */
const PREVIEW_MS = 75_000;
const OPEN = new Set(['pending', 'running']);

interface RunOptions extends ReadingOptions {
  readonly suppressNotifications?: boolean;
  readonly wait?: string | true;
  readonly idempotencyKey?: string;
}

/** `fleet monitors run|preview`. */
export function runningMonitors(): readonly Command[] {
  return [
    readingCommand(
      'run',
      'Run it now, in whatever state it is',
      'fleet monitors run mon_0123456789 --wait',
      'fleet monitors run mon_0123456789 --suppress-notifications',
    )
      .argument('<id>')
      .option('--suppress-notifications', 'tell nobody, whatever it finds')
      .option('--idempotency-key <key>', 'the same key again is the same run')
      .option('--wait [duration]', 'wait for its end, at most that long (30s, 5m); default: as long as it takes')
      .action(run),
    withBodyOptions(
      readingCommand(
        'preview',
        'What a monitor would see now; nothing is kept and nobody is told',
        'fleet monitors preview --query "Are there tickets for the play?" --condition "Tickets can be bought" ' +
          '--url https://example.com/ --contains tickets',
      ),
    ).action(preview),
  ];
}

async function run(
  id: string,
  { suppressNotifications = false, wait, idempotencyKey, json }: RunOptions,
): Promise<void> {
  const api = gateway();
  const waitMs = typeof wait === 'string' ? parseDuration(wait, '--wait') : Infinity;
  const asked = await api.json<AskedRun>('POST', monitorPath(id, '/run'), {
    body: { suppress_notifications: suppressNotifications },
    headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
  });
  if (wait === undefined) return show(json, asked, () => asked.execution_id);
  const ended = await untilEnded(api, asked.location, waitMs);
  const notifications = await noticesOf(api, id, ended);
  show(json, { ...ended, notifications }, () => describedRun(ended, notifications));
  if (OPEN.has(ended.status)) note(`It is still ${ended.status}; see it with: fleet monitors executions ${id}`);
  if (ended.status !== 'success') throw new QuietExit(1);
}

async function preview(options: BodyOptions & ReadingOptions): Promise<void> {
  const request = { body: bodyOf(options), timeoutMs: PREVIEW_MS };
  const seen = await gateway().json<MonitorPreview>('POST', '/v1/monitors/preview', request);
  show(options.json, seen, () => describedPreview(seen));
}

async function untilEnded(api: GatewayApi, location: string, waitMs: number): Promise<MonitorExecution> {
  const until = performance.now() + waitMs;
  for (;;) {
    const execution = await api.json<MonitorExecution>('GET', location);
    if (!OPEN.has(execution.status) || performance.now() >= until) return execution;
    await sleep(LOOK_EVERY_MS);
  }
}

async function noticesOf(api: GatewayApi, monitorId: string, ended: MonitorExecution): Promise<readonly Notice[]> {
  const until = performance.now() + (ended.notify === true ? NOTICES_WITHIN_MS : 0);
  for (;;) {
    const { notifications } = await api.json<{ notifications: readonly Notice[] }>(
      'GET',
      monitorPath(monitorId, '/notifications'),
      { query: { execution_id: ended.id } },
    );
    if (notifications.length > 0 || performance.now() >= until) return notifications;
    await sleep(LOOK_EVERY_MS);
  }
}
