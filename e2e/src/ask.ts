import { pause } from './fleet';
import { SECRETS } from './secrets';

/** An answer of a gateway. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Since it was first asked for, milliseconds. */
  readonly ms: number;
  /** When it was there, on the clock of `performance.now()`. */
  readonly at: number;
}

/** A request's prompt, different for each number. */
export const promptOf = (number: number): string => `${SECRETS.prompt}, number ${number}`;

/** The body of a chat. */
export function bodyOf(number: number): object {
  return { request: { messages: [{ role: 'user', content: promptOf(number) }] } };
}

/** Posts once. @throws TypeError of fetch when there is no answer */
export async function post(url: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const startedAt = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    signal: AbortSignal.timeout(60_000),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${SECRETS.token}`, ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const at = performance.now();
  return { status: response.status, headers: response.headers, text, ms: at - startedAt, at };
}

/** Asks one gateway. */
export function ask(origin: string, number: number): Promise<Answer> {
  return post(`${origin}/v1/chat`, bodyOf(number));
}

/**
 * Asks as a careful client does: with an Idempotency-Key, and again, at the next gateway, when the connection is lost or the
 * gateway says to come back later (503). Whatever else it answers is taken as it is.
 */
export async function askUntilAnswered(origins: readonly string[], number: number): Promise<Answer> {
  const headers = { 'idempotency-key': `${SECRETS.idempotencyKey}-${number}` };
  const startedAt = performance.now();
  for (let turn = 0; ; turn += 1) {
    const isLate = performance.now() - startedAt > 90_000;
    try {
      const answer = await post(`${origins[turn % origins.length]}/v1/chat`, bodyOf(number), headers);
      if (answer.status !== 503 || isLate) return { ...answer, ms: answer.at - startedAt };
    } catch (error) {
      if (isLate) throw error;
    }
    // Not all at once, as clients do: a hundred of them in step are a load of their own.
    await pause(300 + Math.random() * 400);
  }
}

/** The id that the gateway gave the request. */
export function requestIdOf({ text }: Answer): string {
  return (JSON.parse(text) as { request_id: string }).request_id;
}

/** 0, 1, 2 and so on. */
export const numbersTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
