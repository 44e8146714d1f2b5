/** Milliseconds that an answer asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date. */
export function retryAfterMs(headers: Headers, now: number = Date.now()): number | undefined {
  const own = headers.get('retry-after-ms');
  if (own !== null && isNumber(own)) return Math.max(0, Math.round(Number(own)));
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  if (isNumber(text)) return Math.max(0, Math.round(Number(text) * 1000));
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function isNumber(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text.trim());
}
