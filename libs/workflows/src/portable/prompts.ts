import type { ChatMessage } from '@fleet/workflow-registry/messages';

/** Said before a request that is to be planned. */
export const PLAN =
  'Make a plan for what is asked: numbered steps, what each needs, and how its success is seen. Do not carry it out.';

/** Asked of a plan. */
export const CRITICISE =
  'Criticise the plan above as a reviewer who wants it to fail: what is wrong, missing, risky or unnecessary. Do not write it anew.';

/** Asked of an answer. */
export const IMPROVE =
  'Improve your answer above: correct what is wrong, add what is missing, drop what is not needed. Give the whole answer, without comments on it. When nothing is to be improved, repeat it as it is.';

/** Asked of a plan that was criticised. */
export function reworked(critique: string): string {
  return `A reviewer says of the plan above:\n\n${critique}\n\nWrite the whole plan anew, with what is right of that. Give the plan alone.`;
}

/** The conversation, an answer to it, and what is asked next. */
export function conversation(messages: readonly ChatMessage[], answer: string, next: string): readonly ChatMessage[] {
  return [...messages, { role: 'assistant', content: answer }, { role: 'user', content: next }];
}

/** Asks for the best of several answers, by its number from 1. */
export function judging(messages: readonly ChatMessage[], answers: readonly string[]): readonly ChatMessage[] {
  const listed = answers.map((answer, index) => `### Answer ${index + 1}\n${answer}`).join('\n\n');
  const question = `${answers.length} answers were given to the conversation above:\n\n${listed}\n\nWhich one is the best? Answer with JSON only: {"best": <number of the answer, 1 to ${answers.length}>}`;
  return [...messages, { role: 'user', content: question }];
}

/**
 * The number, 1 to `count`, that a judge named: in JSON the value of `best`, in words the first whole number that is one of
 * them, so that "1 of 3" is 1. Undefined when there is none.
 */
export function chosen(text: string, count: number): number | undefined {
  const isOne = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= count;
  const [, best] = /"best"\s*:\s*"?(-?\d+(?:\.\d+)?)/.exec(text) ?? [];
  if (best !== undefined) return isOne(Number(best)) ? Number(best) : undefined;
  return [...text.matchAll(/(?<![\w.-])-?\d+(?:\.\d+)?(?!\w)/g)].map(([number]) => Number(number)).find(isOne);
}
