import { createContentFilter } from './content-filter';
import { DENY_LIST } from './deny-list';

const filter = createContentFilter({});

test.each([
  'a lighthouse at dusk',
  'Scunthorpe town hall',
  'a naked mole rat',
  'Gorée island',
  'Gordon and the goremeter',
])('lets "%s" pass', (prompt) => {
  expect(() => filter(prompt)).not.toThrow();
});

test.each([
  ['GORE, everywhere', 'gore'],
  ['ＰÓＲＮ', 'sexual content'],
  ['a self-harm scene', 'self-harm'],
  ['nazi\u00A0propaganda poster', 'violent extremism'],
])('refuses "%s"', (prompt, category) => {
  expect(() => filter(prompt)).toThrow(
    expect.objectContaining({ code: 'content_rejected', message: expect.stringContaining(`(${category})`) }),
  );
});

test('every term of the deny-list refuses itself', () => {
  for (const term of Object.values(DENY_LIST).flat()) expect(() => filter(`a ${term}!`)).toThrow(/not allowed/);
});

test("adds the operator's words and phrases", () => {
  const strict = createContentFilter({ FLEET_CONTENT_DENY: 'Acme Corp, ,zebra,' });
  expect(() => strict('the logo of ACME  corp.')).toThrow(/"acme corp" is not allowed/);
  expect(() => strict('zebras')).not.toThrow();
});

test('an entry that could never match stops the process, naming the variable', () => {
  expect(() => createContentFilter({ FLEET_CONTENT_DENY: 'zebra,!!' })).toThrow(
    /FLEET_CONTENT_DENY must be words or phrases between commas, got !!/,
  );
});
