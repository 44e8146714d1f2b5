import type { Progress } from '@fleet/workflow-registry/messages';
import { setHandler, type QueryDefinition } from '@temporalio/workflow';

/**
 * Answers the progress query from the steps that a workflow runs.
 *
 * @param steps Names in the order they run.
 * @returns `step(name, run)`, which notes that the step runs now and gives its result.
 */
export function trackProgress<Step extends string>(
  query: QueryDefinition<Progress>,
  steps: readonly Step[],
): <Result>(name: Step, run: () => Promise<Result>) => Promise<Result> {
  const total = steps.length;
  let progress: Progress = { step: steps[0] ?? 'done', completed: 0, total };
  setHandler(query, () => progress);
  return async (name, run) => {
    progress = { ...progress, step: name };
    const result = await run();
    const completed = progress.completed + 1;
    progress = { step: completed === total ? 'done' : name, completed, total };
    return result;
  };
}
