import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS } from '@fleet/errors';
import { transformSync } from '@swc/core';

const PAGE = readFileSync(join(__dirname, '../../../docs/durable-executor.md'), 'utf8');

test('the code of the documentation runs as it stands: it shows nothing that does not exist (fault 17)', async () => {
  const blocks = [...PAGE.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
  expect(blocks).toHaveLength(1);
  const { code } = transformSync(blocks[0] ?? '', {
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  const exported: { main?: () => Promise<string[]> } = {};
  // eslint-disable-next-line no-new-func, typescript/no-implied-eval -- It is our own page.
  new Function('require', 'exports', code)(require, exported);
  expect(await exported.main?.()).toEqual(['shipped as P7', 'refunded']);
});

test('every error code it names is in the table', () => {
  const [, errors = ''] = PAGE.split('## Errors');
  const codes = [...errors.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, code = '']) => code);
  expect(codes.length).toBeGreaterThan(20);
  expect(codes.filter((code) => !(code in ERRORS))).toEqual([]);
});
