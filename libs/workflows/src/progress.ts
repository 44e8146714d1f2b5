import type { Progress } from '@fleet/workflow-registry/messages';
import { setHandler, type QueryDefinition } from '@temporalio/workflow';

/**
 * Answers the progress query from the steps that a workflow runs.
 *
 * @param steps Names in the order they run.
 * @returns `at(name)`, which notes that the step begins and all before it have ended; `at('done')` after the last. It is
 *   synchronous on purpose: each promise of a workflow costs the sandbox a stack trace.
 */
export function trackProgress<Step extends string>(
  query: QueryDefinition<Progress>,
  steps: readonly Step[],
): (step: Step | 'done') => void {
  const total = steps.length;
  let progress: Progress = { step: steps[0] ?? 'done', completed: 0, total };
  setHandler(query, () => progress);
  return (step) => {
    progress = { step, completed: step === 'done' ? total : steps.indexOf(step), total };
  };
}
