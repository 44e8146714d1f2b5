/** A provider: where models are asked. */
export interface ProviderSpec {
  readonly id: string;
  /** Which adapter speaks to it. `vllm` takes turns over its base URLs. */
  readonly kind: 'openai' | 'anthropic' | 'vllm';
  /** Of the operator: trusted wherever they point. Default: the official address; `vllm` needs one or more. */
  readonly baseUrls: readonly string[];
  /** The key itself, never logged; absent when the server wants none. */
  readonly apiKey?: string | undefined;
  readonly enabled: boolean;
}

/** A model of a provider. */
export interface ModelSpec {
  /** Its name at the provider and to callers. Unique. */
  readonly id: string;
  readonly providerId: string;
  /** How good it is, 0 to 10. */
  readonly weight: number;
  /** Context window, tokens. */
  readonly contextTokens: number;
  /** US dollars per 1,000 input tokens. */
  readonly inputPer1k: number;
  /** US dollars per 1,000 output tokens. */
  readonly outputPer1k: number;
  readonly enabled: boolean;
}

/** A name that stands for several models by weight: for blind comparisons. */
export interface AliasSpec {
  readonly name: string;
  readonly variants: readonly { readonly modelId: string; readonly weight: number }[];
  /** What the choice sticks to. Default `request`. */
  readonly stickyBy: 'request' | 'api_key' | 'round_robin';
}

/** All that can be asked. Checked by `parseCatalog`: ids are unique, references exist, no alias names an alias. */
export interface Catalog {
  readonly providers: readonly ProviderSpec[];
  readonly models: readonly ModelSpec[];
  readonly aliases: readonly AliasSpec[];
}
