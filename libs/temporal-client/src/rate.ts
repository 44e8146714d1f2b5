import type { temporal } from '@temporalio/proto';
import { toDate, toText } from './convert';
import type { QueueRate } from './fleet-client';
import { GRPC, grpcCodeOf } from './grpc-errors';

type Api = temporal.api.workflowservice.v1.WorkflowService;
type RawDescription = Pick<temporal.api.workflowservice.v1.IDescribeTaskQueueResponse, 'config' | 'effectiveRateLimit'>;

/** Both `Connection` and `NativeConnection` are one. */
export interface RateConnection {
  readonly workflowService: Pick<Api, 'describeTaskQueue' | 'updateTaskQueueConfig'>;
}

/** How a rate that this library wrote is told from an operator's, whichever tool they used. */
const TABLE_MARK = 'table:';
const OPERATOR_MARK = 'operator:';
const IDENTITY = 'temporal-fleet';
// UNSPECIFIED is accepted and does nothing; workflow queues refuse a rate.
const ACTIVITY_QUEUE = 2;
const SOURCE_WORKER = 2;

/**
 * Writes the table's rate to the server, unless an operator has set or unset it since: their edit outlives restarts.
 * Safe from several workers at once, as all write the same.
 *
 * @param perSecond `null` = no limit, 0 = paused.
 * @returns `operator` when it is left alone, `unsupported` for a server without the call.
 */
export async function reconcileRate(
  connection: RateConnection,
  namespace: string,
  queue: string,
  perSecond: number | null,
): Promise<'set' | 'unchanged' | 'operator' | 'unsupported'> {
  try {
    const rate = await readRate(connection, namespace, queue);
    if (rate.setBy === 'operator') return 'operator';
    // With neither a mark nor a limit there is nothing to take away.
    const settled = rate.setBy === 'table' || (rate.setBy === 'nobody' && perSecond === null);
    if (settled && rate.perSecond === perSecond) return 'unchanged';
    await writeRate(connection, namespace, queue, perSecond, tableReason(perSecond), IDENTITY);
    return 'set';
  } catch (error) {
    if (grpcCodeOf(error) === GRPC.UNIMPLEMENTED) return 'unsupported';
    throw error;
  }
}

/** An operator's rate. @returns it as the server has it from now on. */
export async function setOperatorRate(
  connection: RateConnection,
  namespace: string,
  queue: string,
  perSecond: number,
  reason: string | undefined,
  identity: string,
): Promise<QueueRate> {
  const text = `${OPERATOR_MARK} ${reason?.trim() || 'set through the fleet'}`.slice(0, 1000);
  return writeRate(connection, namespace, queue, perSecond, text, identity);
}

/** Gives the rate back to the table: its value is written at once, and the next worker may change it again. @returns it. */
export async function giveRateBack(
  connection: RateConnection,
  namespace: string,
  queue: string,
  perSecond: number | null,
  identity: string,
): Promise<QueueRate> {
  return writeRate(connection, namespace, queue, perSecond, tableReason(perSecond), identity);
}

/** The rate of a raw description: of presence, not of truth, since 0 is a rate and a limit of 0 is an empty message. */
export function rateFrom({ config, effectiveRateLimit }: RawDescription): QueueRate {
  const limit = config?.queueRateLimit?.rateLimit;
  const metadata = config?.queueRateLimit?.metadata;
  const reason = toText(metadata?.reason);
  const updatedAt = toDate(metadata?.updateTime);
  if (metadata || limit) {
    const perSecond = limit ? (limit.requestsPerSecond ?? 0) : null;
    const setBy = reason?.startsWith(TABLE_MARK) ? 'table' : 'operator';
    // Our own mark says who; what is left is what they said.
    const said = reason?.startsWith(OPERATOR_MARK) ? reason.slice(OPERATOR_MARK.length).trim() : reason;
    return { perSecond, setBy, ...(said && { reason: said }), ...(updatedAt && { updatedAt }) };
  }
  if (Number(effectiveRateLimit?.rateLimitSource) === SOURCE_WORKER)
    return { perSecond: effectiveRateLimit?.requestsPerSecond ?? 0, setBy: 'worker' };
  return { perSecond: null, setBy: 'nobody' };
}

async function readRate(connection: RateConnection, namespace: string, queue: string): Promise<QueueRate> {
  const answer = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: queue },
    taskQueueType: ACTIVITY_QUEUE,
    reportConfig: true,
  });
  return rateFrom(answer);
}

async function writeRate(
  connection: RateConnection,
  namespace: string,
  taskQueue: string,
  perSecond: number | null,
  reason: string,
  identity: string,
): Promise<QueueRate> {
  const { config } = await connection.workflowService.updateTaskQueueConfig({
    namespace,
    identity,
    taskQueue,
    taskQueueType: ACTIVITY_QUEUE,
    updateQueueRateLimit: { reason, rateLimit: perSecond === null ? undefined : { requestsPerSecond: perSecond } },
  });
  return rateFrom({ config });
}

function tableReason(perSecond: number | null): string {
  return `${TABLE_MARK} ${perSecond === null ? 'no limit' : `${perSecond} per second`}`;
}
