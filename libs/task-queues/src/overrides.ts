import { FleetError } from '@fleet/errors';
import { isTaskQueueName, TASK_QUEUES, TASK_QUEUE_NAMES, type TaskQueueName, type TaskQueueSettings } from './table';

type Environment = Readonly<Record<string, string | undefined>>;

interface CellRule {
  readonly field: keyof TaskQueueSettings;
  readonly least: number;
  readonly most: number;
  readonly orNone?: boolean;
}

/** The rule of each overridable cell, by the last part of its variable: `FLEET_HIGH_ACTIVITY_SLOTS`. */
const CELLS: Readonly<Record<string, CellRule>> = {
  WORKFLOW_TASK_SLOTS: { field: 'workflowTaskSlots', least: 2, most: 1000 },
  ACTIVITY_SLOTS: { field: 'activitySlots', least: 1, most: 1000 },
  MAX_WORKERS: { field: 'maxWorkers', least: 1, most: 100 },
  ACTIVITIES_PER_SECOND: { field: 'activitiesPerSecond', least: 0, most: 1000, orNone: true },
  DRAIN_SECONDS: { field: 'drainSeconds', least: 0, most: 3600 },
  FORCE_SECONDS: { field: 'forceSeconds', least: 1, most: 3660 },
  CACHED_WORKFLOWS: { field: 'cachedWorkflows', least: 10, most: 10_000 },
  POLLERS_MIN: { field: 'pollersMin', least: 2, most: 100 },
  POLLERS_MAX: { field: 'pollersMax', least: 2, most: 100 },
  HEALTH_PORT: { field: 'healthPort', least: 1, most: 65_535 },
};

/** The last parts of the variables that change a cell, for docs and messages. */
export const OVERRIDABLE_CELLS: readonly string[] = Object.keys(CELLS);

/**
 * The table with the `FLEET_<QUEUE>_<FIELD>` variables applied, for instance `FLEET_HIGH_ACTIVITY_SLOTS=20` or
 * `FLEET_BACKGROUND_ACTIVITIES_PER_SECOND=none`. `FLEET_PORT_OFFSET` moves every health port that has no override.
 *
 * @throws FleetError `invalid_variable` for a value out of its range, and for a field that does not exist.
 */
export function taskQueuesFrom(env: Environment): Readonly<Record<TaskQueueName, TaskQueueSettings>> {
  refuseUnknownFields(env);
  const offset = portOffsetFrom(env);
  const rows = TASK_QUEUE_NAMES.map((queue) => [queue, overriddenRow(queue, env, offset)] as const);
  return Object.fromEntries(rows) as Record<TaskQueueName, TaskQueueSettings>;
}

/** `FLEET_PORT_OFFSET`: added to every default port, so that two fleets run side by side. 0 unless set. */
export function portOffsetFrom(env: Environment): number {
  return wholeNumber('FLEET_PORT_OFFSET', env['FLEET_PORT_OFFSET'], 0, 50_000) ?? 0;
}

/**
 * A whole number from a variable; undefined when it is unset or empty.
 *
 * @throws FleetError `invalid_variable` naming the variable, the rule and the value got.
 */
export function wholeNumber(
  variable: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new FleetError('invalid_variable', {
    variable,
    rule: `a whole number from ${least} to ${most}`,
    got: quoted(text),
  });
}

function overriddenRow(queue: TaskQueueName, env: Environment, portOffset: number): TaskQueueSettings {
  const row: Record<string, number | null> = { ...TASK_QUEUES[queue] };
  row['healthPort'] = TASK_QUEUES[queue].healthPort + portOffset;
  for (const [suffix, rule] of Object.entries(CELLS)) {
    const value = cell(variableOf(queue, suffix), env, rule);
    if (value !== undefined) row[rule.field] = value;
  }
  const settings = row as unknown as TaskQueueSettings;
  requireOrder(queue, 'POLLERS_MAX', settings.pollersMin, settings.pollersMax, 'at least POLLERS_MIN');
  requireOrder(queue, 'FORCE_SECONDS', settings.drainSeconds + 1, settings.forceSeconds, 'more than DRAIN_SECONDS');
  return settings;
}

function cell(variable: string, env: Environment, rule: CellRule): number | null | undefined {
  const text = env[variable];
  if (!rule.orNone) return wholeNumber(variable, text, rule.least, rule.most);
  if (text === undefined || text === '') return undefined;
  if (text === 'none') return null;
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= rule.least && value <= rule.most) return value;
  const range = `a number from ${rule.least} (paused) to ${rule.most}, or none`;
  throw new FleetError('invalid_variable', { variable, rule: range, got: quoted(text) });
}

function requireOrder(queue: TaskQueueName, suffix: string, least: number, got: number, rule: string): void {
  if (got < least) throw new FleetError('invalid_variable', { variable: variableOf(queue, suffix), rule, got });
}

/** A misspelt field would otherwise be ignored in silence, and the operator would believe in a limit that is not there. */
function refuseUnknownFields(env: Environment): void {
  for (const variable of Object.keys(env)) {
    const [, queue, suffix] = /^FLEET_([A-Z]+)_(.+)$/.exec(variable) ?? [];
    if (queue === undefined || suffix === undefined || !isTaskQueueName(queue.toLowerCase())) continue;
    if (!Object.hasOwn(CELLS, suffix)) {
      const known = OVERRIDABLE_CELLS.map((field) => `FLEET_${queue}_${field}`).join(', ');
      throw new FleetError('invalid_variable', {
        variable,
        rule: `spelt as one of ${known}`,
        got: `${variable}=${quoted(env[variable] ?? '')}`,
      });
    }
  }
}

function variableOf(queue: TaskQueueName, suffix: string): string {
  return `FLEET_${queue.toUpperCase()}_${suffix}`;
}

function quoted(text: string): string {
  return `"${text.slice(0, 100)}"`;
}
