import { errorText, isFleetError, type ErrorCode } from '@fleet/errors';
import type { StartedNotice, Store } from '@fleet/store';
import type { DeliverNoticeOutput, NoticeChannel } from '@fleet/workflow-registry/messages';
import type { ActivityScope } from '../activity-scope';
import type { SendMail } from './mailer';
import { messageOf } from './message';
import { payloadOf, type NoticePayload } from './payload';
import type { PostWebhook } from './webhook';

/** What the activities of notices are handed. */
export interface NoticeDependencies {
  readonly store: Pick<Store, 'notices'>;
  readonly sendMail: SendMail;
  readonly postWebhook: PostWebhook;
}

/** The notices of an execution: those that are to be delivered, and those that a limit kept back. */
export interface OpenedNotices {
  readonly notices: readonly { readonly noticeId: string; readonly channel: NoticeChannel }[];
  readonly skipped: readonly { readonly channel: NoticeChannel; readonly reason: string }[];
}

/** What one try is told. */
export interface SendNoticeInput {
  readonly noticeId: string;
  /** Milliseconds after which it is tried again should this try fail. Absent: this is the last. */
  readonly nextTryMs?: number | undefined;
}

/** How one try ended. */
export interface SentNotice extends DeliverNoticeOutput {
  /** True when it failed with something that time may mend. */
  readonly retryable: boolean;
}

/** Codes of what stays as it is however often it is tried. */
const FINAL: readonly ErrorCode[] = ['url_refused', 'webhook_gone', 'mail_refused', 'mail_not_configured'];

/** Writes notices down, and sends them one by one. */
export function createNoticeActivities({ store, sendMail, postWebhook }: NoticeDependencies) {
  const { notices } = store;
  return {
    /**
     * Opens one notice for each channel of the execution's monitor, once: again gives the same ones.
     *
     * @throws FleetError `execution_not_found`, `store_unavailable`
     */
    notifyMonitor: async (
      { executionId }: { readonly executionId: string },
      scope: ActivityScope,
    ): Promise<OpenedNotices> => {
      scope.signal.throwIfAborted();
      const subject = await notices.subject(executionId);
      const { owner, monitor, addresses } = subject;
      const common = { executionId, monitorId: monitor.id, owner, payload: (id: string) => payloadOf(subject, id) };
      const rows = await Promise.all(addresses.map((address) => notices.open({ ...common, ...address })));
      const skipped = rows.filter(({ status }) => status === 'skipped');
      return {
        notices: rows.filter((row) => !skipped.includes(row)).map(({ id, channel }) => ({ noticeId: id, channel })),
        skipped: skipped.map(({ channel, reason }) => ({ channel, reason: reason ?? '' })),
      };
    },

    /**
     * Tries once to deliver a notice. The try is written down before it is made and its end afterwards; a notice that is
     * settled is not sent again. A try that fails is no error of this activity: it comes back as `failed`.
     *
     * @throws FleetError `store_unavailable`; the reason of the signal
     */
    sendNotice: async ({ noticeId, nextTryMs }: SendNoticeInput, scope: ActivityScope): Promise<SentNotice> => {
      scope.signal.throwIfAborted();
      // An attempt before this one had sent it, and found no store to write that down.
      const sent = (scope.lastHeartbeat as SentNotice | undefined) ?? (await tryOnce(noticeId, scope));
      if (sent.status === 'gone') return sent;
      scope.heartbeat(sent);
      const { status, reason = '', retryable } = sent;
      const result = status === 'failed' ? { status, reason, ...(retryable && { nextTryMs }) } : { status };
      await notices.finish(noticeId, result);
      return sent;
    },
  };

  async function tryOnce(noticeId: string, { signal }: ActivityScope): Promise<SentNotice> {
    const notice = await notices.begin(noticeId);
    if (!notice) return { status: 'gone', attempts: 0, retryable: false };
    const { attempts, status } = notice;
    if (status !== 'pending') return settled(notice);
    try {
      await send(notice, signal);
      return { status: 'delivered', attempts, retryable: false };
    } catch (error) {
      signal.throwIfAborted();
      return failed(error, attempts);
    }
  }

  async function send(
    { channel, address, payload, secret, createdAt }: StartedNotice,
    signal: AbortSignal,
  ): Promise<void> {
    const told = payload as NoticePayload;
    if (channel === 'email') return sendMail(messageOf(told, address, createdAt), signal);
    return postWebhook({ url: address, secret: secret ?? '', payload: told }, signal);
  }
}

/** What was settled before: an attempt whose answer was lost, or a workflow that was started again. */
function settled({ status, attempts, reason }: StartedNotice): SentNotice {
  if (status === 'delivered') return { status, attempts, retryable: false };
  return { status: 'failed', attempts, retryable: false, ...(reason !== null && { reason }) };
}

function failed(error: unknown, attempts: number): SentNotice {
  // The text of any other error was not written for whoever reads of the notice.
  if (!isFleetError(error)) return { status: 'failed', attempts, reason: 'an unexpected error', retryable: true };
  const { code } = error;
  return { status: 'failed', attempts, reason: `${code}: ${errorText(error)}`, retryable: !FINAL.includes(code) };
}
