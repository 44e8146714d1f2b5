/** What came of a stream at once: an event's data, or a comment. */
export interface StreamEvent {
  readonly data?: string;
  readonly comment?: string;
  /** Milliseconds since the reading began. */
  readonly atMs: number;
}

/** Reads server-sent events to the end of the answer, each with the time it came at. */
export async function readEvents(response: Response): Promise<StreamEvent[]> {
  const begun = performance.now();
  const events: StreamEvent[] = [];
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of response.body ?? []) {
    const parts = (rest + decoder.decode(bytes as Uint8Array, { stream: true })).split('\n\n');
    rest = parts.pop() ?? '';
    const atMs = performance.now() - begun;
    for (const part of parts) events.push({ ...eventOf(part), atMs });
  }
  if (rest !== '') throw new Error(`the stream ends within an event: ${rest}`);
  return events;
}

function eventOf(text: string): Omit<StreamEvent, 'atMs'> {
  if (text.startsWith('data: ')) return { data: text.slice(6) };
  if (text.startsWith(': ')) return { comment: text.slice(2) };
  throw new Error(`neither data nor a comment: ${text}`);
}
