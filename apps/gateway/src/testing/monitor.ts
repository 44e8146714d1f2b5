import { applySchedule } from '@fleet/activities/schedules';
import type { MonitorExecutionRow } from '@fleet/store';
import type { TestGateway } from './gateway';

/** A body of POST /v1/monitors that is right. */
export const MONITOR = {
  name: 'Tickets',
  query: 'Are there tickets for the play?',
  condition: 'Tickets can be bought',
  search: { provider: 'http', urls: ['https://example.com/'], contains: 'tickets' },
  cron: '0 9 * * 1-5',
} as const;

/** What a run of a spec differs in. */
export interface TestRun {
  readonly conditionMet?: boolean;
  /** True: it says that no run is to follow. */
  readonly final?: boolean;
}

/** A run of a monitor as its workflow writes it down, from the request to its end. */
export async function runThrough(
  { store, client }: Pick<TestGateway, 'store' | 'client'>,
  monitorId: string,
  { conditionMet = false, final = false }: TestRun = {},
): Promise<MonitorExecutionRow> {
  const runs = store.monitorExecutions;
  const { id } = await runs.insertPending({ monitorId, key: `${monitorId}/${Math.random()}` });
  await runs.open({ monitorId, executionId: id, workflowId: `monitor/${monitorId}/${id}`, runId: `run-${id}` });
  const found = { state: { text: 'sold out' }, stateHash: '0123456789abcdef', summary: 'Sold out', conditionMet };
  await runs.found(id, final ? { ...found, nextRunAt: null } : found);
  await runs.compared(id, { changed: false, comparison: 'hash' });
  const { execution } = await runs.persist(id);
  await applySchedule({ store, client }, `monitor/${monitorId}`);
  return execution;
}
