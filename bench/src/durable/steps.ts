// The workflow that every contestant runs: three steps that do nothing, or wait where a control has to be slow.
import { defineActivity, defineWorkflow } from '@fleet/durable-executor/context';

export const step = defineActivity<{ readonly n: number; readonly waitMs: number }, number>('step');

export const threeSteps = defineWorkflow<{ readonly waitMs: number }, number>('threeSteps', async (ctx, { waitMs }) => {
  const one = await ctx.executeActivity(step, { n: 0, waitMs });
  const two = await ctx.executeActivity(step, { n: one, waitMs });
  return ctx.executeActivity(step, { n: two, waitMs });
});

/** What a step does, the same function everywhere. */
export async function doStep({ n, waitMs }: { readonly n: number; readonly waitMs: number }): Promise<number> {
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  return n + 1;
}
