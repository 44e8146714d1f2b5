import type { TaskQueueName } from '@fleet/task-queues';
import type { z } from 'zod';

/** Times of a job: one activity. All in milliseconds. */
export interface JobTimeouts {
  /** One attempt. */
  readonly startToCloseMs: number;
  /** Longest silence of the activity before the server gives its task to another worker; 3,000 to 10,000. */
  readonly heartbeatMs: number;
}

/** Times of a workflow. All in milliseconds. */
export interface WorkflowTimeouts {
  /** From the first start to the end of the last retry. */
  readonly executionMs: number;
}

/** How often and how fast the server tries again. */
export interface Retry {
  /** Attempts in all, at least 1. */
  readonly attempts: number;
  readonly initialMs: number;
  readonly backoff: number;
  readonly maximumMs: number;
}

interface Entry<Input, Output> {
  /** One line for people: shown by `fleet workflows` and in the OpenAPI document. */
  readonly description: string;
  /** Where it runs unless the caller says otherwise. */
  readonly queue: TaskQueueName;
  /** Where a caller may send it. Contains `queue`. */
  readonly allowedQueues: readonly TaskQueueName[];
  /** Raised with each incompatible change of input or output. */
  readonly version: number;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  /** An input that works, for --help and documentation. */
  readonly example: Input;
  /** True: the fleet starts it itself, nobody may ask for it as a job. Default false. */
  readonly internal?: boolean;
}

/** Single-step work: one activity, run as a standalone activity. Its name is the activity type. */
export interface JobEntry<Input = unknown, Output = unknown> extends Entry<Input, Output> {
  readonly kind: 'job';
  readonly timeouts: JobTimeouts;
  readonly retry: Retry;
}

/** Multi-step work. Its name is the workflow type. */
export interface WorkflowEntry<Input = unknown, Output = unknown> extends Entry<Input, Output> {
  readonly kind: 'workflow';
  readonly timeouts: WorkflowTimeouts;
  readonly signals: readonly string[];
  readonly queries: readonly string[];
  /** Default none. */
  readonly updates?: readonly string[];
  /**
   * What a retry gives the new run, made of the input of the old one: what must not be used twice is left out. It may hold
   * what nobody may ask for. Default: the same input, checked as if it were asked for.
   */
  again?(input: Input): Input;
}

/** Declares a job with its types. */
export function job<Input, Output>(entry: Omit<JobEntry<Input, Output>, 'kind'>): JobEntry<Input, Output> {
  return { kind: 'job', ...entry };
}

/** Declares a workflow with its types. */
export function workflow<Input, Output>(
  entry: Omit<WorkflowEntry<Input, Output>, 'kind'>,
): WorkflowEntry<Input, Output> {
  return { kind: 'workflow', ...entry };
}
