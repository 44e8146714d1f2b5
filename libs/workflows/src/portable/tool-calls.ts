import { isActivityError, type WorkflowContext } from '@fleet/durable-executor/context';
import type { ApprovalOutcome, ModelMessage, SingleAgent, ToolCall } from '@fleet/workflow-registry/messages';
import { callTool } from './agent-steps';
import { approval, DEFAULT_APPROVAL_MS } from './approval';

/** What a tool call came to, and how the model is told. */
export interface Observation {
  readonly tool: string;
  readonly ok: boolean;
  readonly message: ModelMessage;
}

/** The request is settled by its own time; this much more is for its first and last step. */
const APPROVAL_MARGIN_MS = 24 * 3_600_000;

/** Runs the tool calls of one turn, as the agent says: at the same time or one after the other. */
export async function runToolCalls(
  context: WorkflowContext,
  agent: SingleAgent,
  calls: readonly ToolCall[],
): Promise<readonly Observation[]> {
  if (agent.toolCalls !== 'sequential') return Promise.all(calls.map((call) => runToolCall(context, agent, call)));
  const observations: Observation[] = [];
  for (const call of calls) observations.push(await runToolCall(context, agent, call));
  return observations;
}

async function runToolCall(context: WorkflowContext, agent: SingleAgent, call: ToolCall): Promise<Observation> {
  const { id, tool } = call;
  const observed = (ok: boolean, content: string): Observation => ({
    tool,
    ok,
    message: { role: 'tool', callId: id, content },
  });
  // The model invents names: one that the agent was not given is not run, whether there is such a tool or not.
  if (agent.tools && !agent.tools.includes(tool)) return observed(false, `error: there is no tool named ${tool}`);
  let allowed = call;
  if (agent.approvals === 'always') {
    const outcome = await askFor(context, call);
    if (outcome.status !== 'approved' && outcome.status !== 'modified') return observed(false, refusal(outcome));
    if (outcome.status === 'modified') allowed = { ...call, arguments: JSON.stringify(outcome.value) };
  }
  try {
    const { content } = await context.executeActivity(callTool, allowed);
    return observed(true, content);
  } catch (error) {
    if (!isActivityError(error)) throw error;
    return observed(false, `error: ${error.failure.message}`);
  }
}

function askFor(context: WorkflowContext, { tool, arguments: text }: ToolCall): Promise<ApprovalOutcome> {
  const request = { action: `tool.${tool}`, summary: `The agent wants to use ${tool}`, payload: payloadOf(text) };
  return context.executeChild(approval, request, { timeout: DEFAULT_APPROVAL_MS + APPROVAL_MARGIN_MS });
}

function payloadOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function refusal({ status, by, comment }: ApprovalOutcome): string {
  return `error: not allowed, ${status} by ${by}${comment === undefined ? '' : `: ${comment}`}`;
}
