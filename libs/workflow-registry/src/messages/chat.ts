/** How a request wants its model chosen; the weights of each are in libs/model-router. Default `normal`. */
export type ChatMode = 'normal' | 'cheap' | 'high_confidence' | 'planning' | 'adversarial';

/** One message, in the shape of OpenAI's chat completions: what a client sent is what a provider gets. */
export interface ChatMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  /** Text; null only beside tool calls. */
  readonly content: string | null;
  readonly name?: string | undefined;
  readonly tool_calls?: readonly ChatToolCall[] | undefined;
  readonly tool_call_id?: string | undefined;
}

/** A function that the model wants called. */
export interface ChatToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/** What is asked. */
export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /**
   * Artefact of the owner that holds the caller's messages as JSON when they are too large for a workflow's input; `messages`
   * then has only what an orchestration says beside them. Made by the gateway.
   */
  readonly messagesArtifactId?: string | undefined;
  /** How many of `messages` come before those of the artefact; the others come after them. Default 0. */
  readonly messagesBefore?: number | undefined;
  /**
   * Id of a model or of an alias. An exact id of a model pins it; `*` takes turns; the id of a provider or the beginning of
   * ids up to a separator (`claude-sonnet`) prefers those models.
   */
  readonly modelHint?: string | undefined;
  /** Default: a quarter of the characters. */
  readonly estimatedInputTokens?: number | undefined;
  /** The caller's own; never sent to a provider. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined;
  /** JSON schema that the answer's text must meet. */
  readonly outputSchema?: Readonly<Record<string, unknown>> | undefined;
  /** Merged into what the provider is sent, such as `temperature` or `tools`; never over model, messages or stream. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

/** What the choice of a model is bound by. */
export interface ChatPolicy {
  readonly mode?: ChatMode | undefined;
  /** US dollars of one answer, 0 to 100; 0 = no limit. */
  readonly maxBudgetUsd?: number | undefined;
  /** Milliseconds for the whole request, 0 to 300,000; 0 = 120,000. */
  readonly maxLatencyMs?: number | undefined;
  /** Least weight of the model, 0 to 10. */
  readonly minWeight?: number | undefined;
  /** Default 512. */
  readonly estimatedOutputTokens?: number | undefined;
}

/** Input of the workflow `chat`. */
export interface ChatInput {
  /**
   * Made by the gateway. Calls are claimed and the log row is written under it, so nobody else may choose it. Absent: one
   * is made.
   */
  readonly requestId?: string | undefined;
  /** Absent: no key was used. */
  readonly apiKeyId?: string | undefined;
  readonly request: ChatRequest;
  readonly policy: ChatPolicy;
  /** Models that must not answer. */
  readonly excludeModels?: readonly string[] | undefined;
  /** This model answers or none: where a hint is a wish, this is not. */
  readonly onlyModel?: string | undefined;
  /** The orchestration it is a step of. */
  readonly parentRequestId?: string | undefined;
}

/** Why a model was chosen, and which. */
export interface ChatDecision {
  readonly modelId: string;
  readonly providerId: string;
  readonly estimatedCostUsd: number;
  /** Such as `routed-normal`, `routed-hint-exact`, `escalated-context_overflow`. */
  readonly reason: string;
  /** The alias that the hint named. */
  readonly aliasFrom?: string | undefined;
}

/** Tokens as the provider counted them; estimated when it did not. */
export interface ChatUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A chat completion in OpenAI's shape, whoever made it. */
export interface ChatCompletion {
  readonly id: string;
  readonly object: 'chat.completion';
  /** Epoch seconds. */
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly message: ChatMessage & { readonly refusal?: string | null };
    readonly finish_reason: string;
  }[];
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  };
}

/** Result of the workflow `chat`. */
export interface ChatOutput {
  readonly decision: ChatDecision;
  readonly response: ChatCompletion;
  /** Of the call that answered, milliseconds. */
  readonly latencyMs: number;
  /** From actual usage, US dollars. */
  readonly costUsd: number;
  readonly usage: ChatUsage;
  /** Attempts in all, 1 to 5. */
  readonly attempts: number;
}

/** Why an attempt got no answer. */
export type ChatErrorClass =
  'rate_limited' | 'transient' | 'context_overflow' | 'budget_exceeded' | 'fatal' | 'schema_mismatch' | 'no_model';

/** Why a model was not considered. */
export type ChatSkipReason =
  'disabled' | 'weight_below_minimum' | 'context_overflow' | 'no_adapter' | 'health_down' | 'budget_exceeded';

/** How many models were not considered, for each reason. */
export type ChatSkips = Readonly<Partial<Record<ChatSkipReason, number>>>;

/** What an attempt may choose from: the first has none of these, the next is told by the one before. */
export interface ChatNarrowing {
  /** Models that were tried, or must not answer. */
  readonly excludeModels: readonly string[];
  /** The model to use, whatever the scores say. */
  readonly pinnedModel?: string | undefined;
  /** Overrides `max_tokens` of the parameters. */
  readonly maxTokens?: number | undefined;
  /** Every model that is enabled, whatever its health, weight or price: when nothing else is left. */
  readonly lastResort?: boolean | undefined;
  /** Why the attempt before got no answer; becomes the decision's reason. */
  readonly after?: ChatErrorClass | undefined;
  /** Providers that asked to be left alone for a while. */
  readonly waits?: readonly ChatWait[] | undefined;
}

/** A provider said 429: it and its models are set aside until then, unless nothing else is left. */
export interface ChatWait {
  readonly providerId: string;
  /** The model that was asked; asked again when nothing else is left. */
  readonly modelId: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

/** Input of the activity `chat`: one attempt, in which a model is chosen and asked. */
export interface ChatAttempt {
  readonly requestId: string;
  /** 1 to 5. With the request's id it names the call that is claimed. */
  readonly step: number;
  readonly apiKeyId?: string | undefined;
  readonly request: ChatRequest;
  readonly policy: ChatPolicy;
  readonly narrowing: ChatNarrowing;
  /** Epoch milliseconds at which the request has no time left. */
  readonly deadline: number;
}

/** An attempt that was answered. */
export interface ChatAnswered {
  readonly ok: true;
  readonly decision: ChatDecision;
  readonly response: ChatCompletion;
  readonly usage: ChatUsage;
  readonly latencyMs: number;
  readonly costUsd: number;
  readonly skips: ChatSkips;
}

/** An attempt that was not, and what to do about it. */
export interface ChatUnanswered {
  readonly ok: false;
  readonly errorClass: ChatErrorClass;
  readonly message: string;
  /** Absent when no model was left to ask. */
  readonly decision?: ChatDecision | undefined;
  /** HTTP status of the provider. */
  readonly status?: number | undefined;
  readonly latencyMs: number;
  /** US dollars of an answer that was paid for and refused (`schema_mismatch`). */
  readonly costUsd?: number | undefined;
  /** Tokens of that answer. */
  readonly usage?: ChatUsage | undefined;
  readonly skips: ChatSkips;
  /** The next attempt; absent: there is none to make. */
  readonly next?: { readonly narrowing: ChatNarrowing; readonly afterMs: number } | undefined;
}

/** What the activity `chat` gives. A provider's failure is an answer, not an error: it is never retried by Temporal. */
export type ChatAttemptResult = ChatAnswered | ChatUnanswered;

/** Input of the activity `logResult`: written once for each request, whatever is retried. */
export interface ChatLogEntry {
  readonly requestId: string;
  readonly parentRequestId?: string | undefined;
  readonly kind: 'chat' | 'orchestrate' | 'stream';
  readonly apiKeyId?: string | undefined;
  /** A chat's mode, or an orchestration's. */
  readonly mode: string;
  readonly modelId?: string | undefined;
  readonly providerId?: string | undefined;
  readonly aliasFrom?: string | undefined;
  readonly success: boolean;
  readonly errorClass?: ChatErrorClass | undefined;
  readonly attempts: number;
  readonly latencyMs: number;
  /** The request's own limit, for the reward. */
  readonly latencyBudgetMs: number;
  /** Of an orchestration the sum of its chats; statistics count its chats only. */
  readonly costUsd: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly bytesStreamed?: number | undefined;
  /** A stream whose reader left, or that was cut. */
  readonly aborted?: boolean | undefined;
}

/** Input of the workflow `streamLog`. */
export type StreamLogInput = ChatLogEntry;

/** Input of the activity `rankModels`. */
export interface RankModelsInput {
  readonly request: ChatRequest;
  readonly policy: ChatPolicy;
  readonly excludeModels: readonly string[];
}

/** What the activity `rankModels` gives: models that may answer, the best first, without chance. */
export interface RankedModels {
  readonly modelIds: readonly string[];
  readonly skips: ChatSkips;
}

/** How an orchestration goes about it. */
export type OrchestrationMode = 'planning' | 'adversarial' | 'vote' | 'refine';

/** What an orchestration is told. */
export interface OrchestrationDirective {
  readonly mode: OrchestrationMode;
  /** Least weight of the models that plan, answer or vote, 0 to 10. */
  readonly primaryMinWeight?: number | undefined;
  /** Least weight of the models that criticise or judge, 0 to 10. */
  readonly reviewMinWeight?: number | undefined;
  /** 0 to 10; 0 = the mode's own: adversarial 1, vote 3 voters, refine 2. */
  readonly iterations?: number | undefined;
  readonly primaryModelId?: string | undefined;
  readonly reviewModelId?: string | undefined;
  /** Ends after the plan. */
  readonly returnPlanOnly?: boolean | undefined;
}

/** Input of the workflow `orchestrate`. */
export interface OrchestrateInput {
  /** As of a chat. */
  readonly requestId?: string | undefined;
  readonly apiKeyId?: string | undefined;
  readonly request: ChatRequest;
  readonly policy: ChatPolicy;
  readonly directive: OrchestrationDirective;
}

/** One voter's answer. */
export interface VotedResponse {
  readonly model_id: string;
  readonly content: string;
}

/** What was found: which keys there are depends on the mode. */
export interface OrchestrationResult {
  /** planning and adversarial. */
  readonly initial_plan?: string | undefined;
  /** adversarial: the last one. */
  readonly critique?: string | undefined;
  /** adversarial. */
  readonly refined_plan?: string | undefined;
  /** vote: of the voters that answered, in their order. */
  readonly responses?: readonly VotedResponse[] | undefined;
  /** vote: number of the chosen one in `responses`, from 0. */
  readonly selected?: number | undefined;
  /** vote: the model that judged. */
  readonly judge?: string | undefined;
  /** vote: why nobody judged; the first answer was taken. */
  readonly judge_error?: string | undefined;
  /** refine. */
  readonly refined_response?: string | undefined;
  /** adversarial and refine: those that were made, not those that were asked for. */
  readonly iterations?: number | undefined;
  /** refine: the model that answered and refined. */
  readonly model?: string | undefined;
}

/** Result of the workflow `orchestrate`. */
export interface OrchestrateOutput {
  /** `reason` is such as `adversarial-orchestration`, `vote-single-response`. */
  readonly decision: ChatDecision;
  readonly result: OrchestrationResult;
  /** What to show: the plan, the refined answer, the chosen one. */
  readonly answer: string;
  /** Of all calls, US dollars. */
  readonly costUsd: number;
  readonly usage: ChatUsage;
  /** Chats that were made. */
  readonly calls: number;
}
