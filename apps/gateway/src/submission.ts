import { FleetError, isFleetError, type FieldError } from '@fleet/errors';
import { TASK_QUEUE_NAMES, type TaskQueueName } from '@fleet/task-queues';
import {
  parseInput,
  queueFor,
  submittableEntryOf,
  type JobEntry,
  type WorkflowEntry,
  type WorkflowName,
} from '@fleet/workflow-registry';
import { z } from 'zod';
import { isRecord, sha256OfJson } from '@fleet/store/canonical-json';
import { failingFields } from './validation';

/** Ids that callers may choose: 1 to 200 characters, the first a letter or digit, so that no id is a relative path. */
export const jobIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,199}$/,
    'must be 1 to 200 of A-Z a-z 0-9 . _ : @ / -, the first a letter or digit',
  );

/** The body of POST /v1/jobs but for `input`, which the workflow's own schema checks. */
export const submissionSchema = z.strictObject({
  workflow: z.string().max(200).describe('A name of GET /v1/workflows.'),
  input: z.unknown().optional().describe('What the workflow takes. Default {}.'),
  id: jobIdSchema.optional().describe('Your own id. Default: the name of the workflow and a random UUID.'),
  priority: z.number().int().min(1).max(5).optional().describe('1 (first) to 5 (last) within the queue. Default 3.'),
  queue: z.enum(TASK_QUEUE_NAMES).optional().describe("One of the workflow's allowed queues. Default: its own."),
});

/** A request for a job, checked. */
export interface Submission {
  readonly workflow: WorkflowName;
  readonly kind: 'workflow' | 'job';
  readonly input: unknown;
  readonly id?: string;
  readonly priority?: number;
  readonly queue: TaskQueueName;
  readonly idempotencyKey?: string;
  /** SHA-256 of all of the above but the key, hex: tells a repeated request from another one. */
  readonly bodySha256: string;
}

const looseSchema = submissionSchema.extend({ queue: z.string().optional() });
const keySchema = z.string().regex(/^[\x20-\x7e]{1,200}$/, 'must be 1 to 200 printable ASCII characters');

/**
 * The request for a job behind a body and an Idempotency-Key header.
 *
 * @throws FleetError `invalid_input` with all failing fields of body, input and header; `unknown_workflow`;
 * `unknown_queue` or `queue_not_allowed` when nothing but the queue is wrong.
 */
export function parseSubmission(body: unknown, idempotencyKey?: string): Submission {
  if (body === undefined || body === null) throw noBody();
  const sent = isRecord(body) ? body : {};
  const entry = typeof sent['workflow'] === 'string' ? submittableEntryOf(sent['workflow']) : undefined;
  const input = sent['input'] === undefined ? {} : sent['input'];
  const queueError = entry && queueErrorOf(sent['workflow'] as WorkflowName, sent['queue']);
  const fields = [
    ...failingFields(() => parseInput(looseSchema, body, ''), 'body'),
    ...(entry ? failingFields(() => parseInput(entry.input, input), 'input') : []),
    ...(queueError?.fields ?? []),
    ...(idempotencyKey === undefined
      ? []
      : failingFields(() => parseInput(keySchema, idempotencyKey, 'Idempotency-Key'), '')),
  ];
  if (queueError && fields.length === 1) throw queueError;
  if (entry === undefined || fields.length > 0)
    throw new FleetError('invalid_input', { count: fields.length }, { fields });
  return submissionOf(parseInput(looseSchema, body, ''), entry, idempotencyKey);
}

function noBody(): FleetError {
  const fields = [{ field: 'body', rule: 'must be a JSON object, for instance {"workflow":"probe"}, and is empty' }];
  return new FleetError('invalid_input', { count: 1 }, { fields });
}

function submissionOf(
  body: z.infer<typeof looseSchema>,
  entry: JobEntry | WorkflowEntry,
  idempotencyKey: string | undefined,
): Submission {
  const workflow = body.workflow as WorkflowName;
  const asked = {
    workflow,
    input: parseInput(entry.input, body.input ?? {}),
    ...(body.id === undefined ? {} : { id: body.id }),
    ...(body.priority === undefined ? {} : { priority: body.priority }),
    queue: queueFor(workflow, body.queue),
  };
  const bodySha256 = sha256OfJson(asked);
  return { ...asked, kind: entry.kind, bodySha256, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
}

/** The error of a queue that the workflow may not run on, with its field; undefined when it may. */
export function queueErrorOf(workflow: WorkflowName, asked: unknown): FleetError | undefined {
  if (typeof asked !== 'string') return undefined;
  try {
    queueFor(workflow, asked);
    return undefined;
  } catch (error) {
    if (!isFleetError(error)) throw error;
    const fields: FieldError[] = [{ field: 'queue', rule: error.message, got: asked.slice(0, 200) }];
    return new FleetError(error.code, error.details, { fields });
  }
}
