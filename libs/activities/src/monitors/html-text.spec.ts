import { htmlText } from './html-text';

const LIMIT = 300_000;

test('elements that are not closed, closed twice or out of order are no trouble', async () => {
  expect((await htmlText('<p>a<p>b</div></p>c<b>d', LIMIT)).replaceAll(/\s+/g, ' ').trim()).toBe('a b cd');
  expect((await htmlText('a < b & c &lt; d &amp; &#233; &nonsense;', LIMIT)).trim()).toBe(
    'a < b & c < d & é &nonsense;',
  );
});

test('a script that holds markup is not seen, what comes after it is', async () => {
  expect((await htmlText('<script>if (a < b) "<p>x</p>"</script><p>y</p>', LIMIT)).trim()).toBe('y');
});

// Each is 2 MB that a parser or a formatter may need a square of the time for. Others have their turn meanwhile.
test.each([
  ['elements that are never closed', '<div>', 400_000],
  ['closing tags of nothing', '</p>', 500_000],
  ['nested tables', '<table><tr><td>', 130_000],
  ['rows that are never closed', '<tr><td>a<td>b', 140_000],
  ['beginnings of tags', '<', 2_000_000],
  ['beginnings of entities', '&am', 650_000],
  ['attributes', '<p a=b c d="', 160_000],
  ['comments', '<!--', 500_000],
  ['deep and then closed out of order', '<b><i></b>', 200_000],
])('%s hold nobody up', async (_what, piece, times) => {
  let longest = 0;
  let last = performance.now();
  const turns = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 10);
  const text = await htmlText(piece.repeat(times), LIMIT);
  clearInterval(turns);
  expect(text.length).toBeLessThanOrEqual(LIMIT);
  // Time is the feature here: a worker that is silent for 10 s loses its activities.
  expect(longest).toBeLessThan(3_000);
});
