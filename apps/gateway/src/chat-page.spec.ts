import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ERRORS } from '@fleet/errors';
import { applyDirectives, parseCatalog } from '@fleet/model-router';

const page = readFileSync(resolve(__dirname, '../../../docs/chat.md'), 'utf8');

describe('docs/chat.md', () => {
  it('shows a file of models that can be used', () => {
    const [, text = ''] = /```json\n([^]*?)```/.exec(page) ?? [];
    const catalog = parseCatalog(text, 'docs/chat.md', { OPENAI_API_KEY: 'one', ANTHROPIC_API_KEY: 'two' });
    expect(catalog.providers.map(({ kind }) => kind)).toEqual(['openai', 'anthropic', 'vllm']);
    expect(catalog.aliases[0]?.variants).toHaveLength(2);
    expect(() => parseCatalog(text, 'docs/chat.md', {})).toThrow(/api_key_env must name a variable that is set/);
  });

  it('shows directives that work', () => {
    const [, text = ''] = /\n\n(( {4}@@fleet[^\n]*\n)[^]*?@@end\n)/.exec(page) ?? [];
    const content = `${text.replaceAll(/^ {4}/gm, '')}Hello.`;
    const { request, policy, notes } = applyDirectives({ messages: [{ role: 'user', content }] }, {});
    expect(policy).toEqual({ mode: 'cheap', maxBudgetUsd: 0.05, maxLatencyMs: 20_000, minWeight: 4 });
    expect([request.messages[0]?.content, request.outputSchema, notes]).toEqual(['Hello.', { type: 'object' }, []]);
  });

  it('gives errors the statuses of their table', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(([, code = '', status]) => [
      code,
      Number(status),
    ]);
    expect(rows.length).toBeGreaterThan(10);
    const table: Readonly<Record<string, { readonly status: number }>> = ERRORS;
    expect(rows).toEqual(rows.map(([code = '']) => [code, table[code]?.status]));
  });
});
