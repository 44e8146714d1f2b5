import { createContext, Script } from 'node:vm';
import { dereference, type Schema, validate, Validator } from '@cfworker/json-schema';
import { errorText, FleetError, type FieldError } from '@fleet/errors';
import { META_SCHEMA } from './meta-schema';

type JsonSchema = Readonly<Record<string, unknown>>;

/** A pattern of a schema may be one that takes for ever; milliseconds. */
const LONGEST_CHECK_MS = 1000;
const MESSAGE_LENGTH = 200;

/** Says what is wrong with an answer; undefined when it meets the schema. At most 200 characters, without the answer. */
export type AnswerCheck = (text: string) => string | undefined;

const metaValidator = new Validator(META_SCHEMA, '2020-12', false);
/** Keywords of the meta schema that only pass on what is wrong below them. */
const PASSING = new Set(['$ref', 'properties', 'additionalProperties', 'items']);

/**
 * What is wrong with a JSON schema (draft 2020-12 unless its `$schema` says another): keywords of another shape, references
 * that lead nowhere, patterns that are none. Empty when it can be used.
 *
 * @param at path of the schema in the request
 */
export function outputSchemaErrors(schema: JsonSchema, at = 'output_schema'): readonly FieldError[] {
  try {
    const wrong = metaValidator.validate(schema).errors.filter(({ keyword }) => !PASSING.has(keyword));
    const places = [...new Set(wrong.map(({ instanceLocation }) => instanceLocation))];
    if (places.length > 0) return places.map((place) => ({ field: fieldOf(at, place), rule: SHAPE_RULE }));
    const lookup = dereference(structuredClone(schema));
    return Object.values(lookup).flatMap((part) => (typeof part === 'object' ? partErrors(part, lookup, at) : []));
  } catch (error) {
    return [{ field: at, rule: `must be a JSON schema (${errorText(error)})`.slice(0, MESSAGE_LENGTH) }];
  }
}

const SHAPE_RULE = 'must have the shape that JSON schema gives this keyword';

/** `#/properties/a` as `output_schema.properties.a`. */
function fieldOf(at: string, uri: string): string {
  return uri.includes('#') ? `${at}${uri.slice(uri.indexOf('#') + 1).replaceAll('/', '.')}` : at;
}

function partErrors(part: Schema, lookup: Readonly<Record<string, unknown>>, at: string): readonly FieldError[] {
  const field = fieldOf(at, part['__absolute_uri__'] ?? '');
  const target = part['__absolute_ref__'] ?? part.$ref;
  const errors: FieldError[] = [];
  if (target !== undefined && lookup[target] === undefined) {
    errors.push({ field: `${field}.$ref`, rule: 'must lead to a part of the schema', got: part.$ref });
  }
  const patterns = [part.pattern, ...Object.keys(part.patternProperties ?? {})].filter((one) => one !== undefined);
  for (const pattern of patterns.filter((one) => !isPattern(one))) {
    errors.push({ field: `${field}.pattern`, rule: 'must be a regular expression', got: pattern });
  }
  return errors;
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/**
 * A check of answers against a JSON schema. The answer's whole text must be one JSON value.
 *
 * @throws FleetError `invalid_input` with every part of the schema that cannot be used
 */
export function answerCheck(schema: JsonSchema): AnswerCheck {
  const fields = outputSchemaErrors(schema);
  if (fields.length > 0) throw new FleetError('invalid_input', { count: fields.length }, { fields });
  const copy = structuredClone(schema);
  const lookup = dereference(copy);
  const draft = draftOf(copy);
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return 'the answer is not JSON';
    }
    return withinTime(() => {
      const { valid, errors } = validate(value, copy, draft, lookup, true);
      const [cause] = errors.slice(-1);
      return valid ? undefined : `the answer does not meet the schema at ${cause?.instanceLocation}: ${cause?.keyword}`;
    })?.slice(0, MESSAGE_LENGTH);
  };
}

function draftOf({ $schema = '' }: Schema): '4' | '7' | '2019-09' | '2020-12' {
  if (/draft-04/.test($schema)) return '4';
  if (/draft-0[67]/.test($schema)) return '7';
  return $schema.includes('2019-09') ? '2019-09' : '2020-12';
}

const callCheck = new Script('check()');

/** A script of node:vm is the one way to stop synchronous code, regular expressions included. */
function withinTime(check: () => string | undefined): string | undefined {
  try {
    return callCheck.runInContext(createContext({ check }), { timeout: LONGEST_CHECK_MS }) as string | undefined;
  } catch (error) {
    return `the answer could not be checked: ${errorText(error)}`;
  }
}
