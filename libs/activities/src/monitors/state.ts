import { isRecord, sha256OfJson } from '@fleet/store/canonical-json';
import type { SearchQuestion } from './search-provider';

/** The key whose value tells no difference, wherever it stands. */
export const METADATA = '_metadata';
const HEX_DIGITS = 16;

/** What two states have in common when nothing has changed: 16 hex digits. */
export function hashOfState(state: unknown): string {
  return sha256OfJson(state, METADATA).slice(0, HEX_DIGITS);
}

type Asked = Pick<SearchQuestion, 'query' | 'condition' | 'search'>;

/** The state with what was asked for noted in it. */
export function withQuestion(
  state: Readonly<Record<string, unknown>>,
  asked: Asked,
): Readonly<Record<string, unknown>> {
  const metadata = isRecord(state[METADATA]) ? state[METADATA] : {};
  return { ...state, [METADATA]: { ...metadata, asked: hashOfQuestion(asked) } };
}

/** The last state if it was found for the same question; a monitor that was changed in the middle of a run begins anew. */
export function comparable(lastState: unknown, asked: Asked): unknown {
  if (!isRecord(lastState) || !isRecord(lastState[METADATA])) return undefined;
  return lastState[METADATA]['asked'] === hashOfQuestion(asked) ? lastState : undefined;
}

function hashOfQuestion({ query, condition, search }: Asked): string {
  return sha256OfJson({ query, condition, search }).slice(0, HEX_DIGITS);
}
