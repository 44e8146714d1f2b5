import type { ChatMessage } from '@fleet/workflow-registry/messages';
import { applyDirectives } from './directives';

const user = (content: string): ChatMessage => ({ role: 'user', content });
const said = (...contents: string[]) => applyDirectives({ messages: contents.map(user) }, {});
const textsOf = ({ request }: ReturnType<typeof said>): (string | null)[] =>
  request.messages.map(({ content }) => content);

describe('a directive on a line', () => {
  it('sets what the choice is bound by, and is taken out', () => {
    const result = said('@@fleet mode=cheap budget=0.05 latency=2000 min_weight=7\nWhat is this?');
    expect(result.policy).toEqual({ mode: 'cheap', maxBudgetUsd: 0.05, maxLatencyMs: 2000, minWeight: 7 });
    expect(textsOf(result)).toEqual(['What is this?']);
    expect(result.notes).toEqual([]);
  });

  it('may stand between other lines, and be spelt the old way', () => {
    const result = said('One\r\n  @@tokenhub mode=planning\r\nTwo');
    expect(result.policy).toEqual({ mode: 'planning' });
    expect(textsOf(result)).toEqual(['One\r\nTwo']);
  });

  it('a schema takes the rest of the line', () => {
    const { request, policy } = said('@@fleet mode=cheap output_schema={"type": "object", "required": ["a"]}\nGo');
    expect(request.outputSchema).toEqual({ type: 'object', required: ['a'] });
    expect(policy.mode).toBe('cheap');
  });

  it.each([
    '@@fleet is a word',
    'see @@fleet mode=cheap',
    '@@fleet mode=cheap please',
    '@@fleeting mode=cheap',
    '@@fleet',
  ])('%p is none', (text) => {
    const result = said(text);
    expect(textsOf(result)).toEqual([text]);
    expect(result.policy).toEqual({});
  });
});

describe('a directive in a block', () => {
  it('has a key a line, and a schema over several', () => {
    const result = said(
      '@@fleet\nmode=high_confidence\nbudget=1 latency=500\noutput_schema={\n  "type": "array"\n}\n@@end\n\nList them.',
    );
    expect(result.policy).toEqual({ mode: 'high_confidence', maxBudgetUsd: 1, maxLatencyMs: 500 });
    expect(result.request.outputSchema).toEqual({ type: 'array' });
    expect(textsOf(result)).toEqual(['List them.']);
  });

  it('without its end is text, with a note', () => {
    const result = said('@@fleet\nmode=cheap\nHello');
    expect(textsOf(result)).toEqual(['@@fleet\nmode=cheap\nHello']);
    expect([result.policy, result.notes]).toEqual([{}, ['a block of directives without @@end is not one']]);
  });
});

describe('bounds', () => {
  it.each([
    ['budget=100', { maxBudgetUsd: 100 }],
    ['latency=0', { maxLatencyMs: 0 }],
    ['latency=300000', { maxLatencyMs: 300_000 }],
    ['min_weight=0', { minWeight: 0 }],
    ['min_weight=10', { minWeight: 10 }],
  ])('%s is within', (text, policy) => {
    expect(said(`@@fleet ${text}\nGo`).policy).toEqual(policy);
  });

  it.each([
    'budget=0',
    'budget=100.01',
    'budget=-1',
    'budget=1e1',
    'budget=',
    'latency=300001',
    'min_weight=10.5',
    'mode=fast',
    'output_schema={',
    'output_schema=[]',
    'output_schema={"$ref":"#/no"}',
    'speed=9',
  ])('%s is ignored with a note, and taken out', (text) => {
    const result = said(`@@fleet ${text}\nGo`);
    expect([result.policy, result.request.outputSchema, textsOf(result)]).toEqual([{}, undefined, ['Go']]);
    expect(result.notes).toEqual([expect.stringContaining(`${text} is ignored: `)]);
  });

  it('a value that is ignored leaves the others', () => {
    const { policy, notes } = said('@@fleet budget=500 mode=cheap\nGo');
    expect([policy, notes.length]).toEqual([{ mode: 'cheap' }, 1]);
  });
});

describe('precedence', () => {
  it('a message goes before the body, what is later before what is earlier', () => {
    const messages = [user('@@fleet mode=cheap min_weight=2\nOne'), user('@@fleet mode=planning\nTwo')];
    const request = { messages, outputSchema: { type: 'string' } };
    const { policy, request: directed } = applyDirectives(request, { mode: 'normal', minWeight: 9, maxBudgetUsd: 3 });
    expect(policy).toEqual({ mode: 'planning', minWeight: 2, maxBudgetUsd: 3 });
    expect(directed.outputSchema).toEqual({ type: 'string' });
  });

  it('a value that is ignored does not undo the body', () => {
    const { policy } = applyDirectives({ messages: [user('@@fleet budget=101\nGo')] }, { maxBudgetUsd: 3 });
    expect(policy).toEqual({ maxBudgetUsd: 3 });
  });

  it('of an orchestration the mode is the orchestration’s', () => {
    const request = { messages: [user('@@fleet mode=vote min_weight=4\nGo')] };
    const { directive, policy } = applyDirectives(request, {}, { mode: 'refine', iterations: 2 });
    expect([directive, policy]).toEqual([{ mode: 'vote', iterations: 2 }, { minWeight: 4 }]);
    const other = applyDirectives({ messages: [user('@@fleet mode=cheap\nGo')] }, {}, { mode: 'refine' });
    expect([other.directive, other.notes.length]).toEqual([{ mode: 'refine' }, 1]);
  });
});

describe('where', () => {
  it('only users direct: neither tools nor models nor the system', () => {
    const text = '@@fleet mode=cheap\nGo';
    for (const role of ['system', 'developer', 'assistant', 'tool'] as const) {
      const { policy, request } = applyDirectives({ messages: [{ role, content: text }] }, {});
      expect([policy, request.messages[0]?.content]).toEqual([{}, text]);
    }
  });

  it('within the first 2,048 characters', () => {
    expect(said(`${'x'.repeat(2046)}\n@@fleet mode=cheap`).policy).toEqual({ mode: 'cheap' });
    expect(said(`${'x'.repeat(2047)}\n@@fleet mode=cheap`).policy).toEqual({});
  });

  it('a message of nothing else is gone, unless there is no other', () => {
    expect(textsOf(said('@@fleet mode=cheap', 'Go'))).toEqual(['Go']);
    expect(textsOf(said('@@fleet mode=cheap'))).toEqual(['']);
  });

  it('what has none is the same object', () => {
    const messages = [user('Write to a@@b.example'), user('')];
    expect(applyDirectives({ messages }, {}).request.messages.every((one, index) => one === messages[index])).toBe(
      true,
    );
  });
});
