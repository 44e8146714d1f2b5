import { normaliseRequest } from './prompt';

test('trims, composes, collapses white space and strips control characters', () => {
  const prompt = '  a\u0000 cafe\u0301 \n\t at\u202E night \uD800 ';
  expect(normaliseRequest({ prompt })).toEqual({ prompt: 'a café at night', width: 512, height: 512 });
});

test('keeps the joiners of emoji', () => {
  expect(normaliseRequest({ prompt: 'a 👩‍🚀' }).prompt).toBe('a 👩‍🚀');
});

test.each([
  ['an empty prompt', { prompt: ' \u0007 ' }, ['input.prompt']],
  ['a prompt that is too long', { prompt: 'x'.repeat(1001) }, ['input.prompt']],
  ['every field at once', { prompt: '', width: 63, height: 2049 }, ['input.prompt', 'input.width', 'input.height']],
  ['pixels that are not whole', { prompt: 'x', width: 100.5 }, ['input.width']],
])('refuses %s', (_, input, fields) => {
  expect.assertions(2);
  try {
    normaliseRequest(input);
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_input', details: { count: fields.length } });
    expect((error as { fields: { field: string }[] }).fields.map(({ field }) => field)).toEqual(fields);
  }
});
