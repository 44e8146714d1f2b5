import { Counter, Gauge, Histogram, type Registry } from '@fleet/telemetry';

/** What is counted of chats, plans and streams, when they end. */
export interface ChatMetrics {
  /** One request that ended. @param seconds from its arrival */
  ended(labels: ChatLabels, seconds: number): void;
  /** What an answered request took. */
  spent(labels: Pick<ChatLabels, 'model' | 'provider'>, spent: ChatSpending): void;
}

/** Models and providers are those of the catalog, so that callers cannot make series. */
export interface ChatLabels {
  /** A chat's mode, or an orchestration's. */
  readonly mode: string;
  /** `none` when no answer says which. */
  readonly model: string;
  readonly provider: string;
  /** `ok`, a code of the error table, or `client_left`. */
  readonly status: string;
}

/** Tokens and US dollars. */
export interface ChatSpending {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number;
}

/** Where the way through Temporal stands, for the gauge and the counter. */
export interface CircuitView {
  /** 0 closed, 1 open, 2 half-open. */
  readonly circuit: () => number;
}

/** Seconds, to the longest that a request may take. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 200, 300];

/** Registers what is counted of chats. */
export function createChatMetrics(registry: Registry, { circuit }: CircuitView): ChatMetrics {
  const registers = [registry];
  const labelNames = ['mode', 'model', 'provider', 'status'] as const;
  const requests = new Counter({ name: 'fleet_chat_requests_total', help: 'Chats that ended.', labelNames, registers });
  const duration = new Histogram({
    name: 'fleet_chat_duration_seconds',
    help: 'Time from the arrival of a chat to its end, of a stream to its last chunk.',
    labelNames,
    buckets: BUCKETS,
    registers,
  });
  const tokens = new Counter({
    name: 'fleet_chat_tokens_total',
    help: 'Tokens of answered chats.',
    labelNames: ['model', 'provider', 'direction'],
    registers,
  });
  const cost = new Counter({
    name: 'fleet_chat_cost_usd_total',
    help: 'US dollars of answered chats.',
    labelNames: ['model', 'provider'],
    registers,
  });
  registerCircuit(registers, circuit);
  return {
    ended(labels, seconds) {
      requests.inc({ ...labels });
      duration.observe({ ...labels }, seconds);
    },
    spent({ model, provider }, { inputTokens, outputTokens, costUsd }) {
      tokens.inc({ model, provider, direction: 'input' }, inputTokens);
      tokens.inc({ model, provider, direction: 'output' }, outputTokens);
      cost.inc({ model, provider }, costUsd);
    },
  };
}

function registerCircuit(registers: Registry[], circuit: () => number): void {
  // oxlint-disable-next-line no-new
  new Gauge({
    name: 'temporal_circuit_state',
    help: 'How chats go: 0 through Temporal, 1 past it, 2 one of them tries it.',
    registers,
    collect() {
      this.set(circuit());
    },
  });
}
