import { Client, Connection } from '@temporalio/client';
import { CronExpressionParser } from 'cron-parser';
import { createTestNamespace } from '../test-namespace';
import { cronProblem, timeZoneProblem } from './cron';

const ACCEPTED = [
  '0 2 * * *',
  '*/5 * * * *',
  '5/15 * * * *',
  '0 9 * * mon-fri',
  '0 9 * * 7',
  '0 9 * * 5-7',
  '0-30/10 1-3,5 * JAN-MAR *',
  '0 0 */3 * *',
  '0  2 1,15 *  *',
  '0 2 * * */2',
  '1,2,3-5/2 * * * *',
];
const REFUSED = [
  '',
  'tomorrow',
  '@daily',
  '* * * * * *',
  '*/10 * * * * *',
  '60 * * * *',
  '0 24 * * *',
  '0 0 0 * *',
  '0 0 * 13 *',
  '0 0 * * 8',
  '*/0 * * * *',
  '0 22-2 * * *',
  '0 9 * * FRI-MON',
  'H * * * *',
  '0 0 ? * MON',
  '0 0 L * *',
  '0 0 1W * *',
  '0 0 * * MON#1',
  '0 0 1 * MON',
  '0 0 31 2 *',
  '0 0 * january *',
  '-1 * * * *',
  '1,,2 * * * *',
  `${'1,'.repeat(100)}1 * * * *`,
];
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Asia/Calcutta',
  'America/Nuuk',
  'US/Pacific',
  'EST5EDT',
  'Etc/GMT+5',
];

const seconds = (ms: number): never => (ms / 1000) as never;

it.each(REFUSED)('refuses %j', (cron) => {
  expect(cronProblem(cron)).toMatch(/^must /);
});

it.each(['', 'Local', 'europe/berlin', 'utc', '+01:00', 'Nope/X', 'Z', 'Europe/Berlin; x', 'Factory'])(
  'refuses the time zone %j',
  (timezone) => {
    expect(timeZoneProblem(timezone)).toMatch(/^must /);
  },
);

it('accepts what Temporal reads alike', async () => {
  const { address, namespace } = await createTestNamespace();
  const client = new Client({ connection: Connection.lazy({ address }), namespace });
  const midnight = Date.parse('2026-01-01T00:00:00Z');
  for (const cron of ACCEPTED) {
    expect([cron, cronProblem(cron)]).toEqual([cron, undefined]);
    const times = CronExpressionParser.parse(cron, { tz: 'UTC', currentDate: new Date(midnight) });
    const ours = Array.from({ length: 20 }, () => times.next().getTime());
    await client.schedule.create({
      scheduleId: cron,
      spec: { cronExpressions: [cron] },
      action: { type: 'startWorkflow', workflowType: 'x', taskQueue: 'q' },
      state: { paused: true },
    });
    const range = { startTime: { seconds: seconds(midnight + 1000) }, endTime: { seconds: seconds(ours.at(-1) ?? 0) } };
    const theirs = await client.workflowService.listScheduleMatchingTimes({ namespace, scheduleId: cron, ...range });
    expect([cron, theirs.startTime.map((at) => Number(at.seconds) * 1000)]).toEqual([cron, ours]);
  }
  for (const timezone of ZONES) {
    expect([timezone, timeZoneProblem(timezone)]).toEqual([timezone, undefined]);
    await client.schedule.create({
      scheduleId: timezone,
      spec: { cronExpressions: ['0 2 * * *'], timezone },
      action: { type: 'startWorkflow', workflowType: 'x', taskQueue: 'q' },
      state: { paused: true },
    });
  }
  await client.connection.close();
});
