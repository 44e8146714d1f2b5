import type { ArtifactRef, GenerateImageInput, ImageRenderer as RendererName } from '@fleet/workflow-registry/messages';
import type { ActivityScope } from '../activity-scope';
import type { ActivityStore } from '../activity-store';
import { ownedArtifact, toArtifactRef } from '../owned-artifact';
import type { ContentFilter } from './content-filter';
import type { ImageRenderer } from './image-renderer';
import { normaliseRequest, type ImageRequest } from './prompt';

/** What the image activities are handed. */
export interface ImageDependencies {
  readonly store: ActivityStore;
  readonly renderer: ImageRenderer;
  readonly filter: ContentFilter;
}

/** An image that has been drawn, and by whom. */
export interface RenderedImage {
  readonly image: ArtifactRef;
  readonly renderer: RendererName;
}

/** What `recordImage` writes down. */
export interface ImageRecord extends ImageRequest {
  readonly artifactId: string;
  readonly renderer: RendererName;
}

/** The steps from a prompt to a saved image. */
export function createImageActivities({ store, renderer, filter }: ImageDependencies) {
  return {
    /**
     * The request, normalised and with its defaults.
     *
     * @throws FleetError `invalid_input` with every field that is wrong.
     */
    validatePrompt: async (input: GenerateImageInput, { signal }: ActivityScope): Promise<ImageRequest> => {
      signal.throwIfAborted();
      return normaliseRequest(input);
    },

    /**
     * Ends quietly when the prompt may be drawn.
     *
     * @throws FleetError `content_rejected` naming the category and the word.
     */
    filterContent: async ({ prompt }: { readonly prompt: string }, { signal }: ActivityScope): Promise<void> => {
      signal.throwIfAborted();
      filter(prompt);
    },

    /**
     * Draws the image and stores it as a staged artefact: it stays unconfirmed until `saveImage`. When an attempt before
     * got as far as storing it, that image is the answer and the renderer is not asked, nor paid, again.
     *
     * @throws FleetError `provider_failed`, `provider_rejected` or `content_rejected`, as the renderer says.
     */
    renderImage: async (request: ImageRequest, scope: ActivityScope): Promise<RenderedImage> => {
      scope.signal.throwIfAborted();
      const artifact = await store.artifacts.put(drawn(renderer, request, scope.signal), {
        owner: scope.owner,
        type: 'image/png',
        name: 'image.png',
        state: 'staged',
        key: scope.idempotencyKey,
      });
      return { image: toArtifactRef(artifact), renderer: renderer.name };
    },

    /**
     * Turns a staged image into a saved one. Saving twice is saving once.
     *
     * @throws FleetError `artifact_not_found` when the owner has no such artefact.
     */
    saveImage: async ({ artifactId }: { readonly artifactId: string }, scope: ActivityScope): Promise<void> => {
      await ownedArtifact(store, artifactId, scope);
      await store.artifacts.markSaved(artifactId);
    },

    /** Writes down who asked for what and which artefact came of it, once per job. */
    recordImage: async (record: ImageRecord, scope: ActivityScope): Promise<{ readonly recordId: string }> => {
      scope.signal.throwIfAborted();
      const { artifactId, prompt, renderer: drawnBy, width, height } = record;
      const { id } = await store.images.record({
        key: scope.idempotencyKey,
        jobId: scope.jobId,
        owner: scope.owner,
        artifactId,
        prompt,
        renderer: drawnBy,
        width,
        height,
      });
      return { recordId: id };
    },
  };
}

// As a stream, because the store reads its source only when the key is new.
async function* drawn(renderer: ImageRenderer, request: ImageRequest, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield await renderer.render(request, signal);
}
