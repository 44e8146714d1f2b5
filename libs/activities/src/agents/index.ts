import { FleetError, isFleetError } from '@fleet/errors';
import type { ModelAnswer, ModelRequest, ToolCall } from '@fleet/workflow-registry/messages';
import type { ActivityScope } from '../activity-scope';
import type { ModelClient } from './model-client';
import type { ToolRegistry } from './tool';

/** What the agent activities are handed. */
export interface AgentDependencies {
  readonly model: ModelClient;
  readonly tools: ToolRegistry;
}

/** What a tool said, as the model is told it. */
export interface ToolResult {
  readonly content: string;
}

/** Characters of an observation: ten turns of several must fit into one payload. */
export const MOST_CHARACTERS = 16_000;

/** The steps of an agent: asking its model, and running a tool. */
export function createAgentActivities({ model, tools }: AgentDependencies) {
  return {
    /**
     * Asks the model what to do next.
     *
     * @throws FleetError `invalid_input`, `no_model_provider`, `provider_failed`, `provider_rejected`
     */
    callModel: async (request: ModelRequest, scope: ActivityScope): Promise<ModelAnswer> => {
      const { messages, tools: names, model: name } = request;
      if (!Array.isArray(messages) || messages.length === 0) {
        const fields = [{ field: 'messages', rule: 'must be a list of one message or more' }];
        throw new FleetError('invalid_input', { count: 1 }, { fields });
      }
      const { signal, idempotencyKey } = scope;
      return model.ask({ messages, tools: tools.describe(names), model: name }, { signal, idempotencyKey });
    },

    /**
     * Runs a tool. The idempotency key of the call is the same in every attempt.
     *
     * @throws FleetError `unknown_tool`, `invalid_input`; what the tool throws.
     */
    callTool: async ({ tool, arguments: text }: ToolCall, scope: ActivityScope): Promise<ToolResult> => {
      scope.signal.throwIfAborted();
      try {
        return { content: shortened(await tools.run(tool, text, scope)) };
      } catch (error) {
        throw isFleetError(error) ? withFields(error) : error;
      }
    },
  };
}

function shortened(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}… (${text.length} characters)` : text;
}

/** The message is all that the model gets to see: it says which argument is wrong. */
function withFields(error: FleetError): FleetError {
  if (error.fields.length === 0) return error;
  error.message += `: ${error.fields.map(({ field, rule }) => `${field} ${rule}`).join('; ')}`;
  return error;
}
