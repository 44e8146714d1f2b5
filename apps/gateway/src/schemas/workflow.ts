import { TASK_QUEUE_NAMES } from '@fleet/task-queues';
import { entryOf, type AnyEntry, type WorkflowName } from '@fleet/workflow-registry';
import { z } from 'zod';

const queueName = z.enum(TASK_QUEUE_NAMES);
const jsonSchema = z.record(z.string(), z.unknown()).describe('JSON Schema 2020-12.');

export const workflowSchema = z.object({
  name: z.string(),
  kind: z.enum(['workflow', 'job']),
  description: z.string(),
  queue: queueName,
  allowed_queues: z.array(queueName),
  version: z.number().int(),
  timeouts: z.object({
    execution_ms: z.number().nullable(),
    start_to_close_ms: z.number().nullable(),
    heartbeat_ms: z.number().nullable(),
  }),
  retry: z
    .object({ attempts: z.number(), initial_ms: z.number(), backoff: z.number(), maximum_ms: z.number() })
    .nullable(),
  signals: z.array(z.string()),
  queries: z.array(z.string()),
  updates: z.array(z.string()),
  input_schema: jsonSchema,
  output_schema: jsonSchema,
  example: z.unknown(),
});

/** An entry of the registry as GET /v1/workflows shows it. */
export function toWorkflow(name: WorkflowName): z.infer<typeof workflowSchema> {
  const entry = entryOf(name);
  return {
    name,
    kind: entry.kind,
    description: entry.description,
    queue: entry.queue,
    allowed_queues: [...entry.allowedQueues],
    version: entry.version,
    ...limitsOf(entry),
    signals: entry.kind === 'workflow' ? [...entry.signals] : [],
    queries: entry.kind === 'workflow' ? [...entry.queries] : [],
    updates: entry.kind === 'workflow' ? [...(entry.updates ?? [])] : [],
    input_schema: inputSchemaOf(entry),
    output_schema: outputSchemaOf(entry),
    example: entry.example,
  };
}

/** What callers send, as JSON Schema. */
export function inputSchemaOf(entry: AnyEntry): Record<string, unknown> {
  return plainSchema(z.toJSONSchema(entry.input, { io: 'input', unrepresentable: 'any' }));
}

/** What callers get, as JSON Schema. */
export function outputSchemaOf(entry: AnyEntry): Record<string, unknown> {
  return plainSchema(z.toJSONSchema(entry.output, { io: 'output', unrepresentable: 'any' }));
}

function limitsOf(entry: AnyEntry): Pick<z.infer<typeof workflowSchema>, 'timeouts' | 'retry'> {
  if (entry.kind === 'workflow') {
    const timeouts = { execution_ms: entry.timeouts.executionMs, start_to_close_ms: null, heartbeat_ms: null };
    return { timeouts, retry: null };
  }
  const { startToCloseMs, heartbeatMs } = entry.timeouts;
  const { attempts, initialMs, backoff, maximumMs } = entry.retry;
  return {
    timeouts: { execution_ms: null, start_to_close_ms: startToCloseMs, heartbeat_ms: heartbeatMs },
    retry: { attempts, initial_ms: initialMs, backoff, maximum_ms: maximumMs },
  };
}

/** Without `$schema`, which says the same in every one of them, and the checker zod hides in the object. */
function plainSchema(schema: object): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;
  return rest;
}
