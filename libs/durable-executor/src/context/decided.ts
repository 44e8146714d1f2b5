/**
 * Looks at what a validator of an update, or the handler of a query, gave back. An asynchronous one fits the type as well, but
 * has decided nothing yet.
 *
 * @throws Error for a promise, so that the update is refused instead of taken unchecked.
 */
export function decided<Value>(returned: Value): Value {
  const { then } = (returned ?? {}) as { then?: unknown };
  if (typeof then !== 'function') return returned;
  // Its own verdict comes too late, and must not end the process.
  Promise.resolve(returned).catch(() => undefined);
  throw new Error('it is asynchronous, and must answer at once');
}
