import type { ChatMode, ChatPolicy, OrchestrationMode } from '@fleet/workflow-registry/messages';
import { outputSchemaErrors } from './output-schema';

/** What the directives of a request said. */
export interface Findings {
  policy: ChatPolicy;
  outputSchema?: Readonly<Record<string, unknown>>;
  orchestrationMode?: OrchestrationMode;
  readonly notes: string[];
  /** `mode` is an orchestration's. */
  readonly isOrchestration: boolean;
}

const CHAT_MODES: readonly ChatMode[] = ['normal', 'cheap', 'high_confidence', 'planning', 'adversarial'];
const ORCHESTRATION_MODES: readonly OrchestrationMode[] = ['planning', 'adversarial', 'vote', 'refine'];

const READERS: Readonly<Record<string, (text: string, findings: Findings) => string | undefined>> = {
  mode: readMode,
  budget: (text, findings) =>
    readNumber(
      text,
      (value) => value > 0 && value <= 100,
      'must be US dollars above 0 and up to 100',
      (maxBudgetUsd) => {
        findings.policy = { ...findings.policy, maxBudgetUsd };
      },
    ),
  latency: (text, findings) =>
    readNumber(
      text,
      (value) => value >= 0 && value <= 300_000,
      'must be milliseconds from 0 to 300000',
      (maxLatencyMs) => {
        findings.policy = { ...findings.policy, maxLatencyMs };
      },
    ),
  min_weight: (text, findings) =>
    readNumber(
      text,
      (value) => value >= 0 && value <= 10,
      'must be from 0 to 10',
      (minWeight) => {
        findings.policy = { ...findings.policy, minWeight };
      },
    ),
  output_schema: readSchema,
};

/** Keys that a directive may have. */
export const DIRECTIVE_KEYS: readonly string[] = Object.keys(READERS);

/** Notes the value of a key. @returns why it is ignored; undefined when it is not */
export function readValue(key: string, text: string, findings: Findings): string | undefined {
  return READERS[key]?.(text, findings);
}

function readMode(text: string, findings: Findings): string | undefined {
  const orchestration = ORCHESTRATION_MODES.find((mode) => mode === text);
  const chat = CHAT_MODES.find((mode) => mode === text);
  if (findings.isOrchestration) {
    if (!orchestration) return `must be one of ${ORCHESTRATION_MODES.join(', ')}`;
    findings.orchestrationMode = orchestration;
    return undefined;
  }
  if (!chat) return `must be one of ${CHAT_MODES.join(', ')}`;
  findings.policy = { ...findings.policy, mode: chat };
  return undefined;
}

function readNumber(
  text: string,
  isAllowed: (value: number) => boolean,
  rule: string,
  take: (value: number) => void,
): string | undefined {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || !isAllowed(value)) return rule;
  take(value);
  return undefined;
}

function readSchema(text: string, findings: Findings): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'must be JSON';
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return 'must be a JSON object';
  const schema = value as Readonly<Record<string, unknown>>;
  const [error] = outputSchemaErrors(schema);
  if (error) return `${error.field} ${error.rule}`;
  findings.outputSchema = schema;
  return undefined;
}
