import { formatAnswer } from './output-format';

describe('the format of an answer', () => {
  it.each([
    ['as it is', 'Hi *there*', {}, 'Hi *there*'],
    ['markdown', '# Hi\n**there**', { type: 'markdown' }, '# Hi\n**there**'],
    ['text', '# Hi\n> **there** `x`\n```js\nlet a;\n```\nend', { type: 'text' }, 'Hi\nthere x\nlet a;\nend'],
    ['text with stars that mark nothing', '2 ** 3 ** 4', { type: 'text' }, '2 ** 3 ** 4'],
    ['JSON', ' {"a": [1, 2]}\n', { type: 'json' }, '{"a":[1,2]}'],
    ['JSON in a fence', 'Here:\n```json\n{"a": 1}\n```\nDone.', { type: 'json' }, '{"a":1}'],
    ['JSON in prose', 'The list is [1, {"a": 2}], I think.', { type: 'json' }, '[1,{"a":2}]'],
    ['no JSON', 'No {idea}.', { type: 'json' }, '{"answer":"No {idea}."}'],
    ['XML', '<a>1</a>', { type: 'xml' }, '<a>1</a>'],
    ['XML in a fence', '```xml\n<a>1</a>\n```', { type: 'xml' }, '<a>1</a>'],
    ['no XML', '1 < 2 & 3 > 2', { type: 'xml' }, '<answer>1 &lt; 2 &amp; 3 &gt; 2</answer>'],
    ['thoughts', '<think>Hm.\nWell.</think>\n\nYes.<think>Or?</think>', { stripThink: true }, 'Yes.'],
    ['a thought that was cut', '<think>Hm, let me', { stripThink: true }, ''],
    ['thoughts that are kept', '<think>Hm.</think>Yes.', {}, '<think>Hm.</think>Yes.'],
    ['thoughts before JSON', '<think>{"a":0}</think>{"a":1}', { stripThink: true, type: 'json' }, '{"a":1}'],
    ['four characters for a token', 'abcdefghij', { maxTokens: 2 }, 'abcdefgh'],
    ['not half a character', 'abc😀', { maxTokens: 1 }, 'abc'],
    ['not half a JSON value', '{"a":"0123456789"}', { type: 'json', maxTokens: 1 }, '{"a":"0123456789"}'],
    ['no JSON, cut', 'Nothing.', { type: 'json', maxTokens: 1 }, '{"answer":"Noth"}'],
    ['cut inside of its element', '0123456789', { type: 'xml', maxTokens: 1 }, '<answer>0123</answer>'],
  ] as const)('%s', (_, text, format, expected) => {
    expect(formatAnswer(text, format)).toBe(expected);
  });

  it('takes no time over what looks like marks', () => {
    const started = performance.now();
    for (const text of ['**a '.repeat(50_000), '`a'.repeat(50_000), '<think>'.repeat(30_000), '```\n'.repeat(50_000)]) {
      for (const type of ['text', 'json', 'xml'] as const) formatAnswer(text, { type, stripThink: true });
    }
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
