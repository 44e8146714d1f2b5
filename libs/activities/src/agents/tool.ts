import { FleetError } from '@fleet/errors';
import { z } from 'zod';
import type { ActivityScope } from '../activity-scope';
import type { ToolDescription } from './model-client';

/** What a tool is told beside its arguments. */
export type ToolScope = Pick<ActivityScope, 'signal' | 'idempotencyKey' | 'owner' | 'heartbeat'>;

/** Something an agent can do. */
export interface Tool<Input = unknown> {
  /** 1 to 64 of A-Z a-z 0-9 _ -, as providers want it. */
  readonly name: string;
  /** For the model: what it does and when to use it. */
  readonly description: string;
  readonly input: z.ZodType<Input>;
  /**
   * Its effects are stored under `scope.idempotencyKey`, once: an attempt may be repeated, a call that has ended never is.
   *
   * @throws FleetError An error of the 400s is told to the model at once; others are tried again first.
   */
  readonly run: (input: Input, scope: ToolScope) => Promise<unknown>;
}

/** Declares a tool with its types. */
export function defineTool<Input>(tool: Tool<Input>): Tool {
  if (!/^[\w-]{1,64}$/.test(tool.name)) throw new RangeError(`${tool.name} is no name for a tool`);
  return tool as Tool;
}

/** Tools by name. */
export interface ToolRegistry {
  readonly names: readonly string[];
  /** As a model is told of them; names that there are not are left out. @param names Default: all. */
  describe(names?: readonly string[]): readonly ToolDescription[];
  /** @throws FleetError `unknown_tool`, `invalid_input` with every argument that is wrong; what the tool throws. */
  run(name: string, argumentsJson: string, scope: ToolScope): Promise<unknown>;
}

/** @throws RangeError for two of one name. */
export function createToolRegistry(tools: readonly Tool[]): ToolRegistry {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  if (byName.size < tools.length) throw new RangeError('two tools have the same name');
  const names = [...byName.keys()].toSorted();
  return {
    names,
    describe: (wanted = names) =>
      wanted.flatMap((name) => {
        const tool = byName.get(name);
        return tool ? [describe(tool)] : [];
      }),
    run(name, argumentsJson, scope) {
      const tool = byName.get(name);
      if (!tool) throw new FleetError('unknown_tool', { got: JSON.stringify(name), names: names.join(', ') });
      return tool.run(parse(tool.input, argumentsJson), scope);
    },
  };
}

function describe({ name, description, input }: Tool): ToolDescription {
  const { $schema: _dialect, ...parameters } = z.toJSONSchema(input, { io: 'input' }) as Record<string, unknown>;
  return { name, description, parameters };
}

/** Models write JSON that is none, and fields that there are not. */
function parse(schema: z.ZodType, text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw invalid([{ field: 'arguments', rule: 'must be JSON', got: text.slice(0, 200) }]);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(
    parsed.error.issues.map(({ path, message }) => ({ field: ['arguments', ...path].join('.'), rule: message })),
  );
}

function invalid(fields: readonly { field: string; rule: string; got?: unknown }[]): FleetError {
  return new FleetError('invalid_input', { count: fields.length }, { fields });
}
