/** What every contestant is asked. */
export const MESSAGES = [{ role: 'user' as const, content: 'How long is the coast of Norway?' }];

/** A model of the stand-in provider. The others answer in the same time: which one the router takes does not matter. */
export const MODEL = 'stand-in-small';
