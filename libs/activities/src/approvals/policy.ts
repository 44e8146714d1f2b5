import { readFileSync } from 'node:fs';
import { errorText, FleetError } from '@fleet/errors';
import type { ApprovalInput, Risk } from '@fleet/workflow-registry/messages';
import picomatch from 'picomatch';
import { z } from 'zod';

const RISKS = ['low', 'medium', 'high', 'critical'] as const satisfies readonly Risk[];

const ruleSchema = z.strictObject({
  name: z.string().min(1).max(200),
  action: z.string().min(1).max(500),
  minConfidence: z.number().min(0).max(1).optional(),
  maxRisk: z.enum(RISKS).optional(),
  decision: z.enum(['approve', 'reject', 'human']),
});

/** A rule of the policy. The first one whose glob matches the action is the one that counts. */
export type ApprovalRule = z.infer<typeof ruleSchema>;

/** What the policy says by itself; undefined = a person decides. */
export interface Verdict {
  readonly status: 'approved' | 'rejected';
  /** The rule. */
  readonly by: string;
}

/** Decides what needs no person. */
export type ApprovalPolicy = (request: ApprovalInput) => Verdict | undefined;

/**
 * The policy of these rules. The first rule whose `action` glob matches counts, and no other; when its conditions are not met,
 * or nothing matches, a person decides. A request that does not say its confidence or risk meets no condition about it.
 * Only a request of type `approval` can be answered by a rule: feedback, input and annotations come from people.
 */
export function createPolicy(rules: readonly ApprovalRule[]): ApprovalPolicy {
  // `*` stops at a slash alone, so that `tool.*` also covers `tool.http.get`; a leading dot is no secret here.
  const matchers = rules.map((rule) => ({ rule, matches: picomatch(rule.action, { dot: true }) }));
  return (request) => {
    if ((request.type ?? 'approval') !== 'approval') return undefined;
    const rule = matchers.find(({ matches }) => matches(request.action))?.rule;
    if (!rule || rule.decision === 'human' || !isMet(rule, request)) return undefined;
    return { status: rule.decision === 'approve' ? 'approved' : 'rejected', by: rule.name };
  };
}

function isMet({ minConfidence, maxRisk }: ApprovalRule, { confidence, risk }: ApprovalInput): boolean {
  if (minConfidence !== undefined && !(confidence !== undefined && confidence >= minConfidence)) return false;
  return maxRisk === undefined || (risk !== undefined && RISKS.indexOf(risk) <= RISKS.indexOf(maxRisk));
}

/**
 * The policy that FLEET_APPROVAL_POLICY names, a JSON file `{"rules": [...]}`. Without it a person decides everything.
 *
 * @throws FleetError `unreadable_file`, `invalid_variable` naming the first field that is wrong.
 */
export function policyFrom(env: Readonly<Record<string, string | undefined>>): ApprovalPolicy {
  const path = env['FLEET_APPROVAL_POLICY'];
  if (!path) return createPolicy([]);
  const parsed = z.strictObject({ rules: z.array(ruleSchema).max(1000) }).safeParse(readJson(path));
  if (parsed.success) return createPolicy(parsed.data.rules);
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') || 'the whole';
  throw invalid(`a policy file; ${at}: ${issue?.message ?? 'wrong'}`, path);
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new FleetError('unreadable_file', { variable: 'FLEET_APPROVAL_POLICY', path, reason: errorText(error) });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`a file of JSON (${errorText(error)})`, path);
  }
}

function invalid(rule: string, got: string): FleetError {
  return new FleetError('invalid_variable', { variable: 'FLEET_APPROVAL_POLICY', rule, got });
}
