import { FleetError, type FieldError } from '@fleet/errors';
import type { GenerateImageInput } from '@fleet/workflow-registry/messages';

/** An image request with every default filled in. */
export interface ImageRequest {
  readonly prompt: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

const DEFAULT_PIXELS = 512;
const MIN_PIXELS = 64;
const MAX_PIXELS = 2048;
const MAX_CHARACTERS = 1000;

/**
 * Normalises a prompt (NFC, one space for any run of white space, no control characters) and fills in 512 x 512 pixels.
 *
 * @throws FleetError `invalid_input` listing every field that is wrong after that.
 */
export function normaliseRequest(input: GenerateImageInput): ImageRequest {
  const { width = DEFAULT_PIXELS, height = DEFAULT_PIXELS } = input;
  const prompt = typeof input.prompt === 'string' ? normalisePrompt(input.prompt) : '';
  const fields: FieldError[] = [];
  if (prompt.length === 0 || prompt.length > MAX_CHARACTERS) {
    fields.push({ field: 'input.prompt', rule: 'must have 1 to 1,000 visible characters', got: shorten(input.prompt) });
  }
  for (const [name, pixels] of Object.entries({ width, height })) {
    if (Number.isInteger(pixels) && pixels >= MIN_PIXELS && pixels <= MAX_PIXELS) continue;
    fields.push({ field: `input.${name}`, rule: 'must be a whole number from 64 to 2,048', got: pixels });
  }
  if (fields.length > 0) throw new FleetError('invalid_input', { count: fields.length }, { fields });
  return { prompt, width, height };
}

// Besides control characters (Cc) these go: halves of surrogate pairs and non-characters, which neither Postgres nor XML
// takes, and the direction overrides, which make a caption read other than it is. Joiners stay: emoji and Persian need them.
const UNWANTED = /[\p{Cc}\p{Cs}\uFFFE\uFFFF\u202A-\u202E\u2066-\u2069]/gu;

function normalisePrompt(prompt: string): string {
  return prompt.replace(/\s+/gu, ' ').replace(UNWANTED, '').replace(/ +/g, ' ').trim().normalize('NFC');
}

function shorten(value: unknown): unknown {
  return typeof value === 'string' ? value.slice(0, 200) : value;
}
