/** What is known of a provider: 2 errors in a row degrade it, 5 take it down for 30 s, then one call tries it. */
export interface ProviderHealth {
  readonly state: 'healthy' | 'degraded' | 'down';
  readonly consecutiveErrors: number;
  /** Epoch milliseconds until which a provider that is down is left alone. */
  readonly cooldownUntil: number;
  /** Moving average of latency, milliseconds: 0.9 of what it was and 0.1 of the newest. */
  readonly latencyMs: number | undefined;
  /** Moving average of failure, 0 to 1, the same way. */
  readonly failureRatio: number;
}

/** Reward samples of one model and size of request. */
export interface RewardArm {
  readonly modelId: string;
  readonly bucket: 'small' | 'medium' | 'large';
  readonly samples: number;
  /** Of the rewards, each 0 to 1. */
  readonly sum: number;
}

/** What all processes know together, at one moment. */
export interface RouterSnapshot {
  readonly health: ReadonlyMap<string, ProviderHealth>;
  /** Models taken out until somebody enables them, with the reason. */
  readonly disabledModels: ReadonlyMap<string, string>;
  readonly arms: readonly RewardArm[];
}

/** The state that routers of several processes share. It lives in Postgres; a call that cannot reach it must not fail a chat. */
export interface RouterState {
  /** At most a second old. When the state cannot be read: the last one read, or an empty one. */
  snapshot(): Promise<RouterSnapshot>;
  /** A call was answered. */
  succeeded(providerId: string, modelId: string, latencyMs: number): Promise<void>;
  /** A call failed by the provider's fault: not for 4xx other than 429, not for what the caller aborted. */
  failed(providerId: string, modelId: string): Promise<void>;
  /** The budget at the provider is used up: the model is not asked until somebody enables it. */
  disableModel(modelId: string, reason: string): Promise<void>;
  /** Claims the one call that tries a provider after its cooldown. @returns false when another process has it. */
  claimTrial(providerId: string): Promise<boolean>;
  /** 0, 1, 2 and so on, over all processes. */
  nextTurn(name: string): Promise<number>;
}
