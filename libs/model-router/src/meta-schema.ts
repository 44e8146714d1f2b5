import type { Schema } from '@cfworker/json-schema';

const part: Schema = { $ref: '#' };
const parts: Schema = { type: 'array', minItems: 1, items: part };
const partByName: Schema = { type: 'object', additionalProperties: part };
const count: Schema = { type: 'integer', minimum: 0 };
const text: Schema = { type: 'string' };
const texts: Schema = { type: 'array', items: text };
const TYPE_NAMES = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'];

const same = (names: readonly string[], schema: Schema): Record<string, Schema> =>
  Object.fromEntries(names.map((name) => [name, schema]));

const KEYWORDS: Record<string, Schema> = {
  ...same(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'], partByName),
  ...same(['not', 'if', 'then', 'else', 'contains', 'propertyNames', 'additionalItems'], part),
  ...same(['additionalProperties', 'unevaluatedItems', 'unevaluatedProperties'], part),
  ...same(['allOf', 'anyOf', 'oneOf', 'prefixItems'], parts),
  ...same(['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'], count),
  ...same(['minimum', 'maximum'], { type: 'number' }),
  ...same(['exclusiveMinimum', 'exclusiveMaximum'], { type: ['number', 'boolean'] }),
  ...same(['$ref', '$id', '$schema', '$anchor', 'pattern', 'format'], text),
  items: { $ref: '#/$defs/partOrParts' },
  type: { type: ['string', 'array'], pattern: `^(${TYPE_NAMES.join('|')})$`, items: { enum: TYPE_NAMES }, minItems: 1 },
  multipleOf: { type: 'number', exclusiveMinimum: 0 },
  uniqueItems: { type: 'boolean' },
  enum: { type: 'array', minItems: 1 },
  required: texts,
  dependentRequired: { type: 'object', additionalProperties: texts },
};

/**
 * What a JSON schema looks like, in all its drafts: a keyword that has another shape would be passed over in silence, and no
 * answer would ever be checked by it. Keywords that are not here may be anything.
 */
export const META_SCHEMA: Schema = {
  type: ['object', 'boolean'],
  properties: KEYWORDS,
  $defs: { partOrParts: { type: ['object', 'boolean', 'array'], properties: KEYWORDS, items: part } },
};
