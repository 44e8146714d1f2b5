import type { ImageRenderer as RendererName } from '@fleet/workflow-registry/messages';
import type { ImageRequest } from './prompt';

/** Draws an image from a prompt. */
export interface ImageRenderer {
  readonly name: RendererName;
  /**
   * A PNG of exactly `width` x `height` pixels.
   *
   * @throws FleetError `provider_failed` when trying again may help, `provider_rejected` or `content_rejected` when not.
   * @throws the signal's reason once the signal aborts.
   */
  render(request: ImageRequest, signal: AbortSignal): Promise<Uint8Array>;
}
