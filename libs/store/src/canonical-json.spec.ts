import { canonicalJson, sha256OfJson } from './canonical-json';

test('the order of keys does not count, that of a list does', () => {
  expect(sha256OfJson({ a: 1, b: { c: 2, d: [1, 2] } })).toBe(sha256OfJson({ b: { d: [1, 2], c: 2 }, a: 1 }));
  expect(sha256OfJson([1, 2])).not.toBe(sha256OfJson([2, 1]));
  expect(sha256OfJson({ a: 1 })).toMatch(/^[0-9a-f]{64}$/);
});

test('a key that is ignored counts nowhere, in objects and in lists', () => {
  const plain = { pages: [{ url: 'a' }, { url: 'b' }] };
  const marked = {
    _metadata: 1,
    pages: [
      { url: 'a', _metadata: 2 },
      { _metadata: { url: 'x' }, url: 'b' },
    ],
  };
  expect(canonicalJson(marked, '_metadata')).toBe('{"pages":[{"url":"a"},{"url":"b"}]}');
  expect(sha256OfJson(marked, '_metadata')).toBe(sha256OfJson(plain));
  expect(sha256OfJson(marked)).not.toBe(sha256OfJson(plain));
});
