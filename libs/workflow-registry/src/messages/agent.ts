/** One agent: it asks its model, acts by its tools, observes, and asks again. */
export interface SingleAgent {
  readonly kind: 'agent';
  /** What it is to do. */
  readonly prompt: string;
  /** What it is told to be. Default: a short instruction to use the tools and answer. */
  readonly system?: string | undefined;
  /** Names of the tools it may use. Default: all there are. */
  readonly tools?: readonly string[] | undefined;
  /** Times it asks its model at most, 1 to 10. Default 10. */
  readonly maxTurns?: number | undefined;
  /** An answer that contains this text ends it, tool calls or not. */
  readonly stopText?: string | undefined;
  /** Tool calls of one turn run at the same time, or one after the other. Default `parallel`. */
  readonly toolCalls?: 'parallel' | 'sequential' | undefined;
  /** `always`: each tool call is a request for approval first, of action `tool.<name>`. Default `never`. */
  readonly approvals?: 'never' | 'always' | undefined;
  /** Default: the operator's. */
  readonly model?: string | undefined;
}

/** Several agents. `sequential` hands each the answer of the one before; `parallel` gives all of them the same. */
export interface AgentGroup {
  readonly kind: 'sequential' | 'parallel';
  readonly agents: readonly AgentInput[];
}

/** One agent again and again, each time with its last answer, until an answer contains `until`. */
export interface AgentLoop {
  readonly kind: 'loop';
  readonly agent: AgentInput;
  readonly until: string;
  /** 1 to 10. Default 10. */
  readonly maxRounds?: number | undefined;
}

export type AgentInput = SingleAgent | AgentGroup | AgentLoop;

/** Tokens as the model's provider counted them. */
export interface TokenUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export interface AgentOutput {
  /** What was said last; of a parallel group all answers, a blank line between. */
  readonly answer: string;
  /** Why it ended: an answer without tool calls, the stop text, or no turn or round left. */
  readonly stopped: 'answered' | 'stop_text' | 'max_turns';
  /** Questions to the model, of all agents together. */
  readonly turns: number;
  readonly usage: TokenUsage;
  /** Tool calls in the order they were asked for. */
  readonly toolCalls: readonly { readonly tool: string; readonly ok: boolean }[];
}

/** A tool call as the model asked for it. */
export interface ToolCall {
  readonly id: string;
  readonly tool: string;
  /** JSON text, as the model wrote it: perhaps none. */
  readonly arguments: string;
}

/** One message of a conversation with a model. */
export type ModelMessage =
  | { readonly role: 'system' | 'user'; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string; readonly toolCalls: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly callId: string; readonly content: string };

/** A question to a model. */
export interface ModelRequest {
  readonly messages: readonly ModelMessage[];
  /** Names of tools. Default: all there are. */
  readonly tools?: readonly string[] | undefined;
  readonly model?: string | undefined;
}

/** What the model says, and what that took. */
export interface ModelAnswer {
  readonly content: string;
  readonly toolCalls: readonly ToolCall[];
  readonly usage: TokenUsage;
  /** The model that answered, as its provider names it. */
  readonly model: string;
}
