import type { Execution, ScheduleSummary, UiLinks } from '@fleet/temporal-client';
import { z } from 'zod';
import { JOB_STATUSES } from './job';
import { timestamp } from './timestamp';

const uiUrl = z.string().nullable().describe("Its page in Temporal's web UI; null where none is known.");

const executionSchema = z.object({
  workflow_id: z.string(),
  run_id: z.string(),
  workflow_type: z.string().describe('Not always of the registry: others may use the same namespace.'),
  status: z.enum(JOB_STATUSES),
  task_queue: z.string(),
  start_time: timestamp,
  close_time: timestamp.nullable().describe('Null while it runs.'),
  execution_time: timestamp.nullable().describe('When its first task was due: later than the start after a delay.'),
  ui_url: uiUrl,
});

const specSchema = z.object({
  cron: z.array(z.string()).describe('Five fields each; six where it names years, seven where it names seconds.'),
  intervals: z.array(z.object({ every_seconds: z.number(), offset_seconds: z.number() })),
  except: z.array(z.string()).describe('What is left out, in the form of cron.'),
  time_zone: z.string(),
  jitter_seconds: z.number(),
  starts_at: timestamp.nullable(),
  ends_at: timestamp.nullable(),
});

const scheduleSchema = z.object({
  schedule_id: z.string(),
  workflow_type: z.string(),
  spec: specSchema,
  paused: z.boolean(),
  note: z.string().nullable(),
  next_run: timestamp.nullable().describe('Its jitter included. Null when it is paused, or over.'),
  next_runs: z.array(timestamp).describe('The next five at most.'),
  recent_actions: z
    .array(z.object({ scheduled_for: timestamp, started_at: timestamp, workflow_id: z.string(), run_id: z.string() }))
    .describe('The last five at most, oldest first.'),
  created_at: timestamp.nullable().describe('Null on a schedule that was not made by the fleet.'),
  ui_url: uiUrl,
});

export const executionPageSchema = z.object({
  workflows: z.array(executionSchema),
  next_cursor: z.string().nullable(),
});

export const schedulePageSchema = z.object({
  schedules: z.array(scheduleSchema),
  next_cursor: z.string().nullable(),
});

/** A run of a workflow in a list for operators. */
export function toExecution(execution: Execution, ui: UiLinks): z.infer<typeof executionSchema> {
  return {
    workflow_id: execution.id,
    run_id: execution.runId,
    workflow_type: execution.workflowType,
    status: execution.status,
    task_queue: execution.queue,
    start_time: execution.startedAt.toISOString(),
    close_time: iso(execution.closedAt),
    execution_time: iso(execution.executionAt),
    ui_url: ui.workflow(execution.id, execution.runId),
  };
}

/** A schedule in a list for operators. */
export function toSchedule(schedule: ScheduleSummary, ui: UiLinks): z.infer<typeof scheduleSchema> {
  const { times } = schedule;
  const nextRuns = schedule.nextRuns.map((date) => date.toISOString());
  return {
    schedule_id: schedule.id,
    workflow_type: schedule.workflowType,
    spec: {
      cron: [...times.cron],
      intervals: times.intervals.map(({ everySeconds, offsetSeconds }) => ({
        every_seconds: everySeconds,
        offset_seconds: offsetSeconds,
      })),
      except: [...times.except],
      time_zone: times.timeZone,
      jitter_seconds: times.jitterSeconds,
      starts_at: iso(times.startsAt),
      ends_at: iso(times.endsAt),
    },
    paused: schedule.paused,
    note: schedule.note ?? null,
    next_run: nextRuns[0] ?? null,
    next_runs: nextRuns,
    recent_actions: schedule.recentActions.map((action) => ({
      scheduled_for: action.scheduledFor.toISOString(),
      started_at: action.startedAt.toISOString(),
      workflow_id: action.id,
      run_id: action.runId,
    })),
    created_at: iso(schedule.createdAt),
    ui_url: ui.schedule(schedule.id),
  };
}

function iso(date: Date | undefined): string | null {
  return date?.toISOString() ?? null;
}
