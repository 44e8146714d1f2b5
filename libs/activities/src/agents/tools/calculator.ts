import { FleetError } from '@fleet/errors';
import jsep from 'jsep';
import { z } from 'zod';
import { defineTool } from '../tool';

// jsep only parses: what its tree may mean is said here, and it is numbers alone. No name leads to anything else.
jsep.removeAllBinaryOps();
jsep.removeAllUnaryOps();
for (const [operator, precedence] of [
  ['+', 9],
  ['-', 9],
  ['*', 10],
  ['/', 10],
  ['%', 10],
] as const)
  jsep.addBinaryOp(operator, precedence);
for (const operator of ['^', '**']) jsep.addBinaryOp(operator, 11, true);
for (const operator of ['-', '+']) jsep.addUnaryOp(operator);

const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => a ** b,
  '**': (a, b) => a ** b,
};
const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['pi', Math.PI],
  ['e', Math.E],
]);
const FUNCTIONS: ReadonlyMap<string, (...values: number[]) => number> = new Map(
  (['abs', 'ceil', 'cos', 'exp', 'floor', 'log10', 'max', 'min', 'round', 'sin', 'sqrt', 'tan'] as const)
    .map((name): [string, (...values: number[]) => number] => [name, Math[name]])
    .concat([['ln', Math.log]]),
);

/** Arithmetic on numbers: + - * / % ^, parentheses, pi, e and a few functions. */
export const calculator = defineTool({
  name: 'calculator',
  description:
    'Computes an arithmetic expression and answers with the number. Knows + - * / % ^ ( ), pi, e, abs, ceil, cos, exp, ' +
    'floor, ln, log10, max, min, round, sin, sqrt and tan; angles are radians. Example: (1 + 2) * sqrt(16) ^ 2',
  input: z.strictObject({ expression: z.string().trim().min(1).max(500) }),
  run: async ({ expression }) => ({ result: calculate(expression) }),
});

/**
 * The value of an expression.
 *
 * @throws FleetError `invalid_input` for text that is none, and for a result that is not a finite number.
 */
export function calculate(expression: string): number {
  let tree: Node;
  try {
    tree = jsep(expression);
  } catch (error) {
    throw invalid((error as Error).message, expression);
  }
  const result = evaluate(tree, expression);
  if (Number.isFinite(result)) return result;
  throw invalid('has no finite result', expression);
}

/** What is read of a node; anything else a node may hold means nothing here. */
interface Node {
  readonly type: string;
  readonly value?: unknown;
  readonly name?: string;
  readonly operator?: string;
  readonly argument?: Node;
  readonly left?: Node;
  readonly right?: Node;
  readonly callee?: Node;
  readonly arguments?: readonly Node[];
}

function evaluate(node: Node | undefined, source: string): number {
  const of = (part: Node | undefined): number => evaluate(part, source);
  const { operator = '', name = '' } = node ?? {};
  switch (node?.type) {
    case 'Literal':
      if (typeof node.value === 'number') return node.value;
      break;
    case 'Identifier':
      if (CONSTANTS.has(name)) return CONSTANTS.get(name) ?? 0;
      break;
    case 'UnaryExpression':
      return operator === '-' ? -of(node.argument) : of(node.argument);
    case 'BinaryExpression': {
      // The parser would take -2 ^ 2 for 4, and mathematics for -4: nobody should have to know which.
      if ((operator === '^' || operator === '**') && node.left?.type === 'UnaryExpression')
        throw invalid('must write a power of a negative number as (0 - a) ^ b, or 0 - a ^ b', source);
      const apply = BINARY[operator];
      if (apply) return apply(of(node.left), of(node.right));
      break;
    }
    case 'CallExpression': {
      const apply = node.callee?.type === 'Identifier' ? FUNCTIONS.get(node.callee.name ?? '') : undefined;
      if (apply) return apply(...(node.arguments ?? []).map(of));
      break;
    }
    default:
  }
  throw invalid('must be arithmetic on numbers', source);
}

function invalid(rule: string, got: string): FleetError {
  return new FleetError('invalid_input', { count: 1 }, { fields: [{ field: 'arguments.expression', rule, got }] });
}
