import type { Fields } from './fields';
import { untranslatable } from './untranslatable';

/** OpenAI's tools as Anthropic's. @throws ProviderError `fatal` for one that is no function. */
export function toolsOf(value: unknown): Fields {
  if (value === undefined || value === null) return {};
  if (!Array.isArray(value)) throw untranslatable('parameters.tools', 'it is no list');
  return { tools: value.map((tool: Fields, index) => toolOf(tool, `parameters.tools[${index}]`)) };
}

function toolOf({ type, function: described }: Fields, field: string): Fields {
  if (type !== 'function' || typeof described !== 'object' || described === null) {
    throw untranslatable(`${field}.type`, 'only functions have a counterpart');
  }
  const { name, description, parameters, strict } = described as Fields;
  return {
    name,
    ...(description !== undefined && { description }),
    ...(typeof strict === 'boolean' && { strict }),
    input_schema: parameters ?? { type: 'object', properties: {} },
  };
}

const CHOICES: Readonly<Record<string, string>> = { auto: 'auto', none: 'none', required: 'any' };

/** Which tool is to be called, and whether several at once. @throws ProviderError `fatal` */
export function toolChoiceOf({ tools, tool_choice, parallel_tool_calls }: Fields): Fields {
  const single = parallel_tool_calls === false && { disable_parallel_tool_use: true };
  if (tool_choice === undefined || tool_choice === null) {
    return single && tools ? { tool_choice: { type: 'auto', ...single } } : {};
  }
  const type = typeof tool_choice === 'string' ? CHOICES[tool_choice] : undefined;
  // Where none is called there is nothing to do at once.
  if (type !== undefined) return { tool_choice: { type, ...(type !== 'none' && single) } };
  const { type: kind, function: named } = tool_choice as { type?: unknown; function?: { name?: unknown } };
  if (kind === 'function' && typeof named?.name === 'string') {
    return { tool_choice: { type: 'tool', name: named.name, ...single } };
  }
  throw untranslatable('parameters.tool_choice', 'only auto, none, required and a function have a counterpart');
}
