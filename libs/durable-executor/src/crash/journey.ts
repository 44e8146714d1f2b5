// The five-step workflow of the crash test, and what its steps do: one row for each effect, under its idempotency key.
import type { ActivityScope } from '@fleet/activities';
import { openDatabase } from '@fleet/store/database';
import { defineActivity, defineSignal, defineWorkflow } from '../context';

export const leaveMark = defineActivity<{ step: number }, { step: number }>('leaveMark');
export const go = defineSignal<string>('go');

/** Five steps, with every other kind of operation between them. */
export const journey = defineWorkflow<{ from: number; pauseMs?: number }, string>('journey', async (ctx, input) => {
  const { from, pauseMs = 60 } = input;
  const one = await ctx.executeActivity(leaveMark, { step: from });
  const id = ctx.uuid();
  const two = await ctx.executeActivity(leaveMark, { step: one.step + 1 });
  await ctx.sleep(pauseMs);
  const three = await ctx.executeActivity(leaveMark, { step: two.step + 1 });
  const { payload } = await ctx.receiveSignal(go).receive();
  const chance = ctx.random();
  const four = await ctx.executeActivity(leaveMark, { step: three.step + 1 });
  const five = await ctx.executeActivity(leaveMark, { step: four.step + 1 });
  return `${five.step} ${payload} ${id.length} ${chance < 1} ${ctx.now() > 0}`;
});

/** Entries in the journal of a journey: begin and end of five steps and a sleep, a uuid, a signal, a random, a now, its end. */
export const JOURNEY_ENTRIES = 17;

/** Its activities, which write what they did into the table `marks`. */
export function journeyActivities(url: string) {
  const database = openDatabase({ url, maxConnections: 1 });
  const mark = async ({ step }: { step: number }, scope: ActivityScope): Promise<{ step: number }> => {
    await database.run(
      (sql) => sql`
        insert into marks (workflow_id, step, key, pid)
        values (${scope.jobId}, ${step}, ${scope.idempotencyKey}, ${process.pid})
        on conflict (key) do update set runs = marks.runs + 1`,
    );
    return { step };
  };
  return { activities: { leaveMark: mark }, close: () => database.close() };
}
