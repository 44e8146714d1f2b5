import { Answer } from './answer';

/** After how many bytes it had begun and was whole, given one byte at a time. */
function read(text: string): { readonly begun: number; readonly whole: number; readonly status: number } {
  const answer = new Answer();
  const ends = { begun: 0, whole: 0 };
  for (const [index, byte] of [...Buffer.from(text)].entries()) {
    answer.take(Buffer.from([byte]));
    if (answer.hasBegun) ends.begun ||= index + 1;
    if (answer.isWhole) ends.whole ||= index + 1;
  }
  return { ...ends, status: answer.status };
}

it('reads an answer with a length, byte by byte', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n';
  expect(read(`${head}h\r\n\r\n`)).toEqual({ begun: head.length + 1, whole: head.length + 5, status: 200 });
});

it('reads one in chunks, to the end of the last', () => {
  const head = 'HTTP/1.1 503 No\r\ntransfer-encoding: chunked\r\n\r\n';
  const body = '9\r\n\r\n0\r\n\r\nab\r\nA\r\n0123456789\r\n0\r\n\r\n';
  expect(read(head + body)).toEqual({ begun: head.length + 4, whole: head.length + body.length, status: 503 });
});

it('takes all of it at once, too', () => {
  const answer = new Answer();
  answer.take(Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
  expect([answer.hasBegun, answer.isWhole]).toEqual([true, true]);
});
