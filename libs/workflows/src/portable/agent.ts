import { defineWorkflow, type WorkflowContext, type WorkflowDefinition } from '@fleet/durable-executor/context';
import type {
  AgentGroup,
  AgentInput,
  AgentLoop,
  AgentOutput,
  ModelMessage,
  SingleAgent,
} from '@fleet/workflow-registry/messages';
import { callModel } from './agent-steps';
import { runToolCalls } from './tool-calls';

/** Turns after which an agent goes on as a new run: a history stays short, however long the conversation. */
export const TURNS_PER_RUN = 4;
const MOST_TURNS = 10;
const MOST_ROUNDS = 10;
/** Agents may wait for people: the time of an agent within another is the outermost one's to limit. */
const CHILD = { timeout: '7 days' } as const;
const SYSTEM = 'Use the tools you are given where they help. When you know the answer, give it without a tool call.';

/** An agent in the middle of its work: what a new run goes on with. */
interface AgentState extends AgentOutput {
  readonly messages: readonly ModelMessage[];
}

type Resumable = AgentInput & { readonly state?: AgentState };

/**
 * Runs an agent or several. One agent is a loop of plan (ask the model), act (run the tools it asked for) and observe (give it
 * what they said). Groups and loops run each of their agents as a workflow of its own, with a history of its own. What a tool
 * fails at is an observation, not the end.
 */
export const agent: WorkflowDefinition<AgentInput, AgentOutput> = defineWorkflow(
  'agent',
  (context, input: Resumable) => {
    switch (input.kind) {
      case 'agent':
        return converse(context, input, input.state ?? begin(input));
      case 'sequential':
        return inSequence(context, input);
      case 'parallel':
        return inParallel(context, input);
      default:
        return inRounds(context, input);
    }
  },
);

function begin({ system = SYSTEM, prompt }: SingleAgent): AgentState {
  return {
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: prompt },
    ],
    answer: '',
    stopped: 'max_turns',
    turns: 0,
    usage: { promptTokens: 0, completionTokens: 0 },
    toolCalls: [],
  };
}

async function converse(context: WorkflowContext, input: SingleAgent, start: AgentState): Promise<AgentOutput> {
  const { maxTurns = MOST_TURNS, stopText } = input;
  let state = start;
  while (state.turns < Math.min(maxTurns, MOST_TURNS)) {
    if (state.turns - start.turns === TURNS_PER_RUN)
      await context.continueAsNew(agent, { ...input, state } as AgentInput);
    context.progress({ turns: state.turns, answer: state.answer });
    const { messages } = state;
    const answer = await context.executeActivity(callModel, { messages, tools: input.tools, model: input.model });
    const { content, toolCalls } = answer;
    state = {
      ...state,
      answer: content === '' ? state.answer : content,
      turns: state.turns + 1,
      usage: total([state.usage, answer.usage]),
      messages: [...messages, { role: 'assistant', content, toolCalls }],
    };
    if (stopText !== undefined && content.includes(stopText)) return ended(state, 'stop_text');
    if (toolCalls.length === 0) return ended(state, 'answered');
    const results = await runToolCalls(context, input, toolCalls);
    state = {
      ...state,
      messages: [...state.messages, ...results.map(({ message }) => message)],
      toolCalls: [...state.toolCalls, ...results.map(({ tool, ok }) => ({ tool, ok }))],
    };
  }
  return ended(state, 'max_turns');
}

function ended({ answer, turns, usage, toolCalls }: AgentOutput, stopped: AgentOutput['stopped']): AgentOutput {
  return { answer, stopped, turns, usage, toolCalls };
}

async function inSequence(context: WorkflowContext, { agents }: AgentGroup): Promise<AgentOutput> {
  const outputs: AgentOutput[] = [];
  for (const next of agents) {
    const before = outputs.at(-1)?.answer;
    outputs.push(await context.executeChild(agent, before === undefined ? next : told(next, before), CHILD));
    context.progress({ agents: outputs.length, of: agents.length });
  }
  return merged(outputs, outputs.at(-1)?.answer ?? '');
}

async function inParallel(context: WorkflowContext, { agents }: AgentGroup): Promise<AgentOutput> {
  const outputs = await Promise.all(agents.map((each) => context.executeChild(agent, each, CHILD)));
  return merged(outputs, outputs.map(({ answer }) => answer).join('\n\n'));
}

async function inRounds(context: WorkflowContext, input: AgentLoop): Promise<AgentOutput> {
  const outputs: AgentOutput[] = [];
  const rounds = Math.min(input.maxRounds ?? MOST_ROUNDS, MOST_ROUNDS);
  while (outputs.length < rounds) {
    const before = outputs.at(-1)?.answer;
    const output = await context.executeChild(
      agent,
      before === undefined ? input.agent : told(input.agent, before),
      CHILD,
    );
    outputs.push(output);
    context.progress({ rounds: outputs.length, of: rounds });
    if (output.answer.includes(input.until)) return { ...merged(outputs, output.answer), stopped: 'stop_text' };
  }
  return { ...merged(outputs, outputs.at(-1)?.answer ?? ''), stopped: 'max_turns' };
}

/** The same agent, told what was answered before: of a group the first one or, in parallel, all. */
function told(input: AgentInput, before: string): AgentInput {
  switch (input.kind) {
    case 'agent':
      return { ...input, prompt: `${input.prompt}\n\nThe answer before this one:\n${before}` };
    case 'loop':
      return { ...input, agent: told(input.agent, before) };
    default:
      return {
        ...input,
        agents: input.agents.map((each, index) =>
          index === 0 || input.kind === 'parallel' ? told(each, before) : each,
        ),
      };
  }
}

function merged(outputs: readonly AgentOutput[], answer: string): AgentOutput {
  return {
    answer,
    stopped: outputs.at(-1)?.stopped ?? 'answered',
    turns: outputs.reduce((sum, { turns }) => sum + turns, 0),
    usage: total(outputs.map(({ usage }) => usage)),
    toolCalls: outputs.flatMap(({ toolCalls }) => toolCalls),
  };
}

function total(usages: readonly AgentOutput['usage'][]): AgentOutput['usage'] {
  return {
    promptTokens: usages.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
    completionTokens: usages.reduce((sum, { completionTokens }) => sum + completionTokens, 0),
  };
}
