import type { LiveRouter } from '@fleet/activities/chat';
import { errorText } from '@fleet/errors';
import type { TaskQueueName } from '@fleet/task-queues';
import { taskQueuesFrom } from '@fleet/task-queues/overrides';
import type { Logger } from '@fleet/telemetry';
import { onReloadRequest, type ReloadOptions } from '@fleet/telemetry/reload';
import { logLevelFrom } from '@fleet/telemetry/settings';

type Environment = Parameters<ReloadOptions['apply']>[0];

/** What a worker is made of that can change while it runs. */
export interface LiveParts {
  readonly queue: TaskQueueName;
  readonly logger: Logger;
  readonly router: LiveRouter;
}

/** The settings of a worker that SIGHUP changes: log level, models, and the rate of its queue. */
export class LiveSettings {
  private settleRate: ((perSecond: number | null) => Promise<unknown>) | undefined;

  constructor(private readonly parts: LiveParts) {}

  /** From now on SIGHUP is heard. */
  listen(read: ReloadOptions['read']): void {
    onReloadRequest({ read, logger: this.parts.logger, apply: (env) => this.apply(env) });
  }

  /** How the rate is set, once there is a connection. */
  onRate(settle: (perSecond: number | null) => Promise<unknown>): void {
    this.settleRate = settle;
  }

  private apply(env: Environment): object {
    const { queue, logger, router } = this.parts;
    const level = logLevelFrom(env);
    const perSecond = taskQueuesFrom(env)[queue].activitiesPerSecond;
    router.reload(env);
    logger.level = level;
    this.settleRate?.(perSecond).catch((error: unknown) =>
      logger.error({ perSecond, reason: errorText(error) }, 'the rate of the queue stays as it was'),
    );
    return { log_level: level, models: router.catalog.models.length, per_second: perSecond };
  }
}
