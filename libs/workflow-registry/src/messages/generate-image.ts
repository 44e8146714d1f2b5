import type { ArtifactRef } from './artifact';

export interface GenerateImageInput {
  /** 1 to 1,000 characters. */
  readonly prompt: string;
  /** Pixels, 64 to 2,048. Default 512. */
  readonly width?: number | undefined;
  /** Pixels, 64 to 2,048. Default 512. */
  readonly height?: number | undefined;
}

/** Who drew an image: `local` draws with sharp and needs no key; `openai` asks the provider. */
export type ImageRenderer = 'local' | 'openai';

export interface GenerateImageOutput {
  readonly image: ArtifactRef;
  readonly renderer: ImageRenderer;
  readonly recordId: string;
}
