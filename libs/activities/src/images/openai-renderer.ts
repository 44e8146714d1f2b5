// Types as `import()` resolves them: the package has one set for each module system.
import type OpenAI from 'openai' with { 'resolution-mode': 'import' };
import { FleetError } from '@fleet/errors';
import { coverPng } from '../png';
import type { ImageRenderer } from './image-renderer';
import { toFleetError } from '../openai-errors';
import type { ImageRequest } from './prompt';

/** How to reach the provider. */
export interface OpenAiOptions {
  readonly apiKey: string;
  /** Default: the official address. */
  readonly baseUrl?: string | undefined;
  readonly model: string;
}

// A large image takes the provider about a minute; after this the attempt is given up and the retry policy decides. Under
// the workflow's 120 s for the activity, so that the failure says who was late.
const TIMEOUT_MS = 110_000;

/**
 * Asks OpenAI, or whatever speaks its images endpoint at `baseUrl`. The client's own retries are off: the workflow's retry
 * policy counts attempts, and two that multiply would hide them.
 */
export function createOpenAiRenderer({ apiKey, baseUrl, model }: OpenAiOptions): ImageRenderer {
  let client: Promise<OpenAI> | undefined;
  const connect = async () => {
    const { default: Client } = await import('openai');
    return new Client({ apiKey, baseURL: baseUrl ?? null, maxRetries: 0, timeout: TIMEOUT_MS });
  };
  return {
    name: 'openai',
    async render(request, signal) {
      signal.throwIfAborted();
      const openai = await (client ??= connect());
      const bytes = await generate(openai, parameters(model, request), signal, apiKey);
      const png = await coverPng(bytes, request.width, request.height).catch(() => {
        throw new FleetError('provider_failed', { provider: 'openai', reason: 'its answer is not an image' });
      });
      signal.throwIfAborted();
      return png;
    },
  };
}

async function generate(
  openai: OpenAI,
  body: OpenAI.ImageGenerateParamsNonStreaming,
  signal: AbortSignal,
  apiKey: string,
): Promise<Buffer> {
  const answer = await openai.images.generate(body, { signal }).catch((error: unknown) => {
    // The client throws an abort error of its own: the caller wants to know why it was stopped.
    signal.throwIfAborted();
    throw toFleetError(error, apiKey);
  });
  const base64 = answer.data?.[0]?.b64_json;
  if (base64) return Buffer.from(base64, 'base64');
  // An answer with an address instead is not followed: the worker fetches no URL that another party chose.
  throw new FleetError('provider_failed', { provider: 'openai', reason: 'its answer has no b64_json' });
}

function parameters(model: string, request: ImageRequest): OpenAI.ImageGenerateParamsNonStreaming {
  const body = { model, prompt: request.prompt, n: 1 };
  // The older models take other sizes and answer with an address unless told otherwise.
  if (model.startsWith('dall-e')) return { ...body, size: '1024x1024', response_format: 'b64_json' };
  return { ...body, size: nearestSize(request.width / request.height) };
}

function nearestSize(aspect: number): '1024x1024' | '1536x1024' | '1024x1536' {
  if (aspect > 1.25) return '1536x1024';
  return aspect < 0.8 ? '1024x1536' : '1024x1024';
}
