import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApprovalInput } from '@fleet/workflow-registry/messages';
import { createPolicy, policyFrom, type ApprovalRule } from './policy';

const asked = (action: string, more: Partial<ApprovalInput> = {}): ApprovalInput => ({ action, summary: 's', ...more });

const policy = createPolicy([
  { name: 'never delete', action: '*.delete*', decision: 'reject' },
  { name: 'ask for production', action: 'deploy/production/**', decision: 'human' },
  { name: 'deploy', action: 'deploy/**', decision: 'approve', maxRisk: 'medium' },
  { name: 'sure tools', action: 'tool.*', decision: 'approve', minConfidence: 0.8, maxRisk: 'low' },
  { name: 'any tool', action: 'tool.*', decision: 'approve' },
]);

test.each<[string, ApprovalInput, string | undefined]>([
  ['nothing matches', asked('payments.refund'), undefined],
  ['the first match rejects', asked('tool.deleteAll', { confidence: 1, risk: 'low' }), 'never delete'],
  ['the first match asks a person', asked('deploy/production/eu', { risk: 'low' }), undefined],
  ['risk at the limit', asked('deploy/test', { risk: 'medium' }), 'deploy'],
  ['risk over the limit', asked('deploy/test', { risk: 'high' }), undefined],
  ['risk not said', asked('deploy/test'), undefined],
  ['confident enough', asked('tool.http.get', { confidence: 0.8, risk: 'low' }), 'sure tools'],
  ['not confident enough, though a later rule would do', asked('tool.x', { confidence: 0.79, risk: 'low' }), undefined],
  ['confidence not said', asked('tool.x', { risk: 'low' }), undefined],
  ['a glob stops at a slash', asked('tool/x', { confidence: 1, risk: 'low' }), undefined],
  ['only approvals have rules', asked('tool.x', { confidence: 1, risk: 'low', type: 'input' }), undefined],
])('%s', (_, request, by) => {
  expect(policy(request)?.by).toBe(by);
});

describe('FLEET_APPROVAL_POLICY', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-policy-'));
  const file = join(folder, 'policy.json');
  afterAll(() => rmSync(folder, { recursive: true }));
  const read = (text: string) => {
    writeFileSync(file, text);
    return policyFrom({ FLEET_APPROVAL_POLICY: file });
  };

  test('is a file of rules', () => {
    const rule: ApprovalRule = { name: 'all', action: '**', decision: 'approve' };
    expect(read(JSON.stringify({ rules: [rule] }))(asked('x'))).toEqual({ status: 'approved', by: 'all' });
    expect(policyFrom({})(asked('x'))).toBeUndefined();
  });

  test.each([
    ['{', /a file of JSON/],
    ['{"rules":[{"name":"a","action":"*","decision":"maybe"}]}', /rules\.0\.decision/],
    ['{"rules":[{"name":"a","action":"*","decision":"approve","minConfidence":2}]}', /rules\.0\.minConfidence/],
    ['[]', /the whole/],
  ])('%s stops the process, named', (text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'invalid_variable' }));
  });

  test('a file that is not there too', () => {
    expect(() => policyFrom({ FLEET_APPROVAL_POLICY: join(folder, 'none') })).toThrow(
      expect.objectContaining({ code: 'unreadable_file' }),
    );
  });
});
