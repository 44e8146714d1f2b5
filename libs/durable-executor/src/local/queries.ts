import { errorText, FleetError } from '@fleet/errors';
import { decided } from '../context/decided';
import { fromJson, toJson } from '../context/json';
import { BUILT_IN_QUERIES } from '../executor';
import type { NewRun } from '../journal-store';
import type { WorkflowState } from '../store';
import type { Host } from './host';

/**
 * Answers a query: from the run itself when it is here, else from its journal, which also holds what runs of other processes
 * and of the past know.
 *
 * @throws FleetError `unknown_query`, `query_failed`
 */
export async function answerQuery(
  host: Host,
  { run, state }: { readonly run: NewRun; readonly state: WorkflowState },
  name: string,
  input: unknown,
): Promise<unknown> {
  const json = toJson(input, `input of query ${name}`);
  const found = host.get(run.runId) ?? (await host.look(run));
  await found?.replayed();
  const handler = found?.queries.get(name);
  if (handler) return answer(name, () => handler(fromJson(json)));
  if (name === 'status') return state.status;
  if (name === 'result') return state.output ?? null;
  if (name === 'progress') return answer(name, () => found?.progress ?? null);
  const names = [...BUILT_IN_QUERIES, ...(found?.queries.keys() ?? [])].join(', ');
  throw new FleetError('unknown_query', { workflow: run.workflow, got: JSON.stringify(name), names });
}

function answer(name: string, ask: () => unknown): unknown {
  let value: unknown;
  try {
    value = decided(ask());
  } catch (error) {
    throw new FleetError('query_failed', { name, reason: errorText(error) }, { cause: error });
  }
  return fromJson(toJson(value, `answer of query ${name}`));
}
