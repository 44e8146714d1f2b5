import { errorText } from '@fleet/errors';
import { readFileSync } from 'node:fs';
import { UsageError } from './usage-error';

/**
 * A value typed as JSON, or `@file` for the JSON in a file.
 *
 * @throws UsageError naming the option when it is neither.
 */
export function parseJson(text: string, option: string): unknown {
  const source = text.startsWith('@') ? readText(text.slice(1), option) : text;
  try {
    return JSON.parse(source);
  } catch (error) {
    const remedy = `Quote it for your shell, for instance: ${option} '{"prompt":"a lighthouse"}', or use ${option} @file.json.`;
    throw new UsageError(`${option} is not valid JSON: ${errorText(error)}`, remedy);
  }
}

/** @throws UsageError when the text is not a whole number within the bounds. */
export function parseWhole(text: string, option: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${option} must be a whole number from ${least} to ${most}, got "${text}"`);
}

function readText(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${option}: cannot read ${path}: ${errorText(error)}`, 'Check the path after the @.');
  }
}
