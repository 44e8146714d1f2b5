import { comparable, hashOfState, withQuestion } from './state';

const asked = { query: 'q', condition: 'c', search: { provider: 'http', urls: ['http://a/'] } } as const;

test('the hash is 16 hex digits, and neither the order of keys nor what stands under _metadata counts', () => {
  const state = { pages: [{ url: 'a', text: 'x' }], _metadata: { fetched_at: 1 } };
  expect(hashOfState(state)).toMatch(/^[0-9a-f]{16}$/);
  expect(hashOfState({ _metadata: { fetched_at: 2 }, pages: [{ text: 'x', url: 'a', _metadata: 3 }] })).toBe(
    hashOfState(state),
  );
  expect(hashOfState({ pages: [{ url: 'a', text: 'y' }] })).not.toBe(hashOfState(state));
  expect(hashOfState([1, 2])).not.toBe(hashOfState([2, 1]));
  expect(hashOfState(withQuestion(state, asked))).toBe(hashOfState(state));
});

test('what was found for another question is nothing to compare with', () => {
  const state = withQuestion({ found: 1, _metadata: { fetched_at: 1 } }, asked);
  expect(comparable(state, { ...asked, search: { urls: ['http://a/'], provider: 'http' } })).toBe(state);
  expect(comparable(state, { ...asked, query: 'another' })).toBeUndefined();
  for (const none of [undefined, null, 'x', {}, { _metadata: {} }]) expect(comparable(none, asked)).toBeUndefined();
});
