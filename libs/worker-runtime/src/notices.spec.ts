import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { createActivities } from '@fleet/activities';
import type { NoticeRow } from '@fleet/store';
import { openServer, type Server } from '@fleet/temporal-client/server';
import { passTime } from '@fleet/temporal-client/test-time';
import { startTestFleet, type TestFleet } from './test-fleet';
import { startNoticeWorld, type NoticeWorld } from './test-notice-world';
import { eventsOf } from './test-quiet-hour';

let world: NoticeWorld;
let fleet: TestFleet;
let server: Server;

/** In place of the last step of a run, so that there is a run to terminate. */
function untilCanceled(_input: unknown, { signal }: { readonly signal: AbortSignal }): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
}

beforeAll(async () => {
  world = await startNoticeWorld();
  fleet = await startTestFleet(['standard', 'scheduled'], () => ({ applyMonitorSchedule: untilCanceled as never }), {
    env: world.env,
  });
  server = openServer({ env: fleet.env });
}, 120_000);
beforeEach(() => {
  world.answerHooks(204);
  world.answerMail(250);
});
afterAll(async () => {
  await server.close();
  await fleet.stop();
  await world.close();
}, 60_000);

/** Opens the notices of a run of its own, and starts their delivery as its monitor does. */
async function notify(name: string): Promise<readonly string[]> {
  const executionId = name;
  await world.addRuns(fleet.parts.config.databaseUrl, [name]);
  const { notifyMonitor } = createActivities({ store: fleet.store, env: world.env });
  const scope = { signal: new AbortController().signal, attempt: 1, idempotencyKey: name, jobId: name, owner: 'local' };
  const { notices } = await notifyMonitor({ executionId }, { ...scope, heartbeat: () => {}, lastHeartbeat: undefined });
  expect(notices.map(({ channel }) => channel)).toEqual(['email', 'webhook']);
  for (const { noticeId, channel } of notices)
    await fleet.client.start('deliverNotice', { noticeId }, { id: `notice/${executionId}/${channel}` });
  return notices.map(({ noticeId }) => noticeId);
}

const outcomeOf = async (name: string, channel: 'email' | 'webhook'): Promise<unknown> => {
  const outcome = await fleet.client.result<'deliverNotice'>(`notice/${name}/${channel}`, { waitMs: 30_000 });
  return outcome.status === 'completed' ? outcome.result : outcome;
};

async function rowOf(name: string, channel: 'email' | 'webhook'): Promise<NoticeRow | undefined> {
  return (await fleet.store.notices.list({ executionId: name }, 2)).find((row) => row.channel === channel);
}

async function untilTried(name: string, channel: 'email' | 'webhook', tries: number): Promise<void> {
  for (;;) {
    const row = await rowOf(name, channel);
    if (row?.attempts === tries && row.nextAttemptAt) return;
    await pause(20);
  }
}

/** Lets time pass, once so many tries have failed. */
async function passPause(name: string, channel: 'email' | 'webhook', tries: number, ms: number): Promise<void> {
  await untilTried(name, channel, tries);
  await passTime(server, `notice/${name}/${channel}`, ms);
}

/** The HMAC that another implementation than ours makes. */
function hmacOfAnother(secret: string, text: string): string {
  const code = 'import hmac,sys; print(hmac.new(sys.argv[1].encode(), sys.stdin.buffer.read(), "sha256").hexdigest())';
  const python = spawnSync('python3', ['-c', code, secret], { input: text, encoding: 'utf8' });
  if (!python.error) return python.stdout.trim();
  const openssl = spawnSync('openssl', ['dgst', '-sha256', '-hmac', secret], { input: text, encoding: 'utf8' });
  return openssl.stdout.trim().replace(/^.*= ?/, '');
}

async function untilFound<T>(find: () => Promise<readonly T[]>): Promise<readonly T[]> {
  for (;;) {
    const found = await find();
    if (found.length > 0) return found;
    await pause(20);
  }
}

const hooksOf = (name: string) => world.hooks.filter(({ body }) => body.includes(`"${name}"`));

test('each channel gets one notice, signed so that another implementation says the same', async () => {
  const [emailId, webhookId] = await notify('plain');
  expect(await outcomeOf('plain', 'email')).toEqual({ status: 'delivered', attempts: 1 });
  expect(await outcomeOf('plain', 'webhook')).toEqual({ status: 'delivered', attempts: 1 });
  expect(world.mailbox()).toContain(`${emailId}@fleet`);
  const [call, ...more] = hooksOf('plain');
  expect(more).toEqual([]);
  expect(call?.headers).toMatchObject({ 'webhook-id': webhookId, 'idempotency-key': webhookId });
  const [, seconds = '', signature] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(call?.headers['fleet-signature'])) ?? [];
  expect(signature).toBe(hmacOfAnother('secret of plain', `${seconds}.${call?.body}`));
  expect(Math.abs(Number(seconds) * 1000 - Date.now())).toBeLessThan(300_000);
  expect(JSON.parse(call?.body ?? '')).toMatchObject({
    event: 'monitor.condition_met',
    version: 1,
    id: webhookId,
    monitor: { id: 'plain', name: 'Tickets', condition: 'on sale' },
    execution: { id: 'plain', summary: 'They are.', changed: true, condition_met: true },
  });
});

test('a notice that was delivered is not sent again, whoever starts it', async () => {
  const [emailId = '', webhookId = ''] = await notify('again');
  for (const channel of ['email', 'webhook'] as const) await outcomeOf('again', channel);
  await expect(
    fleet.client.start('deliverNotice', { noticeId: emailId }, { id: 'notice/again/email' }),
  ).rejects.toMatchObject({ code: 'job_exists' });
  for (const noticeId of [emailId, webhookId]) {
    const { id } = await fleet.client.start('deliverNotice', { noticeId });
    const outcome = await fleet.client.result<'deliverNotice'>(id, { waitMs: 30_000 });
    expect(outcome).toMatchObject({ result: { status: 'delivered', attempts: 1 } });
  }
  expect(world.handed.filter((id) => id === `${emailId}@fleet`)).toHaveLength(1);
  expect(hooksOf('again')).toHaveLength(1);
});

test('a webhook that fails is tried after 60, 300 and 900 s, with the same id, and then no more; the email went at once', async () => {
  world.answerHooks(500);
  const [, webhookId] = await notify('failing');
  expect(await outcomeOf('failing', 'email')).toEqual({ status: 'delivered', attempts: 1 });
  for (const [index, ms] of [60_000, 300_000, 900_000].entries()) {
    await untilTried('failing', 'webhook', index + 1);
    await passTime(server, 'notice/failing/webhook', ms - 1000);
    expect(await rowOf('failing', 'webhook')).toMatchObject({ status: 'pending', attempts: index + 1 });
    await passTime(server, 'notice/failing/webhook', 1000);
  }
  const reason = expect.stringMatching(
    /^webhook_refused: The webhook http:\/\/127\.0\.0\.1:\d+\/… answered 500$/,
  ) as string;
  expect(await outcomeOf('failing', 'webhook')).toEqual({ status: 'failed', attempts: 4, reason });
  expect(await rowOf('failing', 'webhook')).toMatchObject({
    status: 'failed',
    attempts: 4,
    reason,
    nextAttemptAt: null,
  });
  expect(hooksOf('failing').map(({ headers }) => headers['webhook-id'])).toEqual(Array(4).fill(webhookId));
  const timers = (await eventsOf(server, 'notice/failing/webhook')).flatMap(
    ({ timerStartedEventAttributes: timer }) => timer?.startToFireTimeout ?? [],
  );
  expect(timers.map(({ seconds }) => Number(seconds))).toEqual([60, 300, 900]);
});

test('mail that is refused for now goes with the next try; the webhook does not wait for it', async () => {
  world.answerMail(451);
  const [emailId] = await notify('greylisted');
  expect(await outcomeOf('greylisted', 'webhook')).toEqual({ status: 'delivered', attempts: 1 });
  await untilTried('greylisted', 'email', 1);
  expect((await rowOf('greylisted', 'email'))?.reason).toMatch(/^mail_failed: .*451/);
  world.answerMail(250);
  await passPause('greylisted', 'email', 1, 60_000);
  expect(await outcomeOf('greylisted', 'email')).toEqual({ status: 'delivered', attempts: 2 });
  expect(world.mailbox()).toContain(`${emailId}@fleet`);
});

test('what stays refused is not tried again', async () => {
  world.answerHooks(410);
  world.answerMail(550);
  await notify('refused');
  expect(await outcomeOf('refused', 'email')).toMatchObject({
    status: 'failed',
    attempts: 1,
    reason: expect.stringMatching(/^mail_refused: .*550/) as string,
  });
  expect(await outcomeOf('refused', 'webhook')).toMatchObject({
    status: 'failed',
    attempts: 1,
    reason: expect.stringMatching(/^webhook_gone: /) as string,
  });
});

test('a run that is terminated leaves the delivery of its notice going', async () => {
  world.answerHooks(503);
  const monitorId = await world.addMonitor(fleet.store, 'parent', 'once');
  const run = await fleet.client.start('monitor', { monitorId }, { id: `monitor/${monitorId}/1` });
  const [execution] = await untilFound(() => fleet.store.notices.list({ monitorId }, 2));
  const name = execution?.executionId ?? '';
  await untilTried(name, 'webhook', 1);
  // It completes its monitor, and waits for the word that its schedule is gone.
  expect((await fleet.client.describe(run.id)).status).toBe('running');
  await fleet.client.terminate(run.id);
  expect((await fleet.client.describe(run.id)).status).toBe('terminated');
  world.answerHooks(204);
  await passPause(name, 'webhook', 1, 60_000);
  expect(await outcomeOf(name, 'webhook')).toEqual({ status: 'delivered', attempts: 2 });
  expect(await outcomeOf(name, 'email')).toEqual({ status: 'delivered', attempts: 1 });
});
