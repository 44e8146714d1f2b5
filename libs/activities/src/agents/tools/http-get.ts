import { guardedFetch, parseAllowList, type AllowEntry } from '@fleet/url-guard';
import { z } from 'zod';
import { defineTool, type Tool } from '../tool';

/** Bytes of an answer that are read. */
const MOST_BYTES = 1_000_000;
const TIMEOUT_MS = 15_000;
const TEXT = /^(text\/|application\/(json|xml|[\w.-]+\+(json|xml)|javascript))/;

/**
 * Reads a public address. The model chose it, perhaps at the wish of a page it read before, so it goes through url-guard.
 *
 * @param allow Hosts of the operator's own network that agents may read.
 */
export function createHttpGet(allow: readonly AllowEntry[]): Tool {
  return defineTool({
    name: 'httpGet',
    description: 'Reads a public http or https address and answers with its status, type and text.',
    input: z.strictObject({ url: z.string().min(1).max(8192) }),
    async run({ url }, { signal, idempotencyKey }) {
      const headers = { 'idempotency-key': idempotencyKey };
      const limits = { maxBytes: MOST_BYTES, timeoutMs: TIMEOUT_MS, policy: { allow }, field: 'arguments.url' };
      const answer = await guardedFetch(url, { ...limits, headers, signal });
      const type = answer.headers['content-type'] ?? '';
      const text = TEXT.test(type) || type === '' ? answer.text() : `(${answer.body.length} bytes of ${type})`;
      return { status: answer.status, type, url: answer.finalUrl, text };
    },
  });
}

/** The tool with what FLEET_AGENT_ALLOW lets through. @throws FleetError `invalid_variable` */
export function httpGetFrom(env: Readonly<Record<string, string | undefined>>): Tool {
  return createHttpGet(parseAllowList(env['FLEET_AGENT_ALLOW'] ?? '', 'FLEET_AGENT_ALLOW'));
}
