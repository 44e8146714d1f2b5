import { answerCheck, outputSchemaErrors } from './output-schema';

const person = {
  type: 'object',
  properties: { name: { $ref: '#/$defs/name' }, age: { type: 'integer', minimum: 0 } },
  required: ['name'],
  additionalProperties: false,
  $defs: { name: { type: 'string', minLength: 1 } },
};

describe('answers', () => {
  const check = answerCheck(person);

  it('meet the schema, whitespace around or not', () => {
    expect(check('{"name": "Ada", "age": 36}')).toBeUndefined();
    expect(check(' {"name": "Ada"}\n')).toBeUndefined();
  });

  it.each(['Ada', '```json\n{"name": "Ada"}\n```', '', '{"name": "Ada"'])('%p is not JSON', (text) => {
    expect(check(text)).toBe('the answer is not JSON');
  });

  it.each([
    ['{}', 'required'],
    ['{"name": ""}', 'minLength'],
    ['{"name": "Ada", "age": -1}', 'minimum'],
    ['{"name": "Ada", "secret": "4711"}', '#/secret'],
    ['[]', 'type'],
  ])('%s breaks %s, which is said without the answer', (text, keyword) => {
    expect(check(text)).toMatch(/^the answer does not meet the schema at #/);
    expect(answerCheck(person)(text)).toContain(keyword);
    expect(check(text)).not.toContain('4711');
  });

  it('the schema is left as it was', () => {
    expect(JSON.parse(JSON.stringify(person))).toEqual(person);
    expect(Object.getOwnPropertyNames(person)).not.toContain('__absolute_uri__');
  });

  it('a pattern that takes for ever is stopped', () => {
    const slow = answerCheck({ type: 'string', pattern: '^(a+)+$' });
    expect(slow(JSON.stringify(`${'a'.repeat(40)}!`))).toMatch(/could not be checked: .*timed out/);
    expect(slow('"aaa"')).toBeUndefined();
  });
});

describe('schemas', () => {
  it('every keyword of a wrong shape is named', () => {
    const schema = {
      type: 'objekt',
      properties: { a: { type: ['string', 'text'] }, b: 3 },
      required: 'a',
      items: [{ minLength: -1 }],
    };
    expect(
      outputSchemaErrors(schema)
        .map(({ field }) => field)
        .toSorted(),
    ).toEqual([
      'output_schema.items.0.minLength',
      'output_schema.properties.a.type.1',
      'output_schema.properties.b',
      'output_schema.required',
      'output_schema.type',
    ]);
  });

  it('every part that cannot be used is named', () => {
    const schema = {
      properties: { a: { $ref: '#/$defs/none' }, b: { type: 'string', pattern: '(' } },
      patternProperties: { '[': true },
    };
    expect(outputSchemaErrors(schema)).toEqual(
      [
        { field: 'output_schema', rule: 'must be a regular expression', got: '[' },
        { field: 'output_schema.properties.a', rule: 'must lead to a part of the schema', got: '#/$defs/none' },
        { field: 'output_schema.properties.b', rule: 'must be a regular expression', got: '(' },
      ].map(({ field, ...rest }, index) => ({ field: `${field}${['.pattern', '.$ref', '.pattern'][index]}`, ...rest })),
    );
    expect(() => answerCheck(schema)).toThrow(
      expect.objectContaining({ code: 'invalid_input', fields: expect.any(Array) }),
    );
  });

  it.each([[{ $ref: 'http://[' }], [{ type: 5 }], [{ properties: 3 }], [{ $id: 'a', allOf: [{ $id: 'a' }] }]])(
    '%j is none',
    (schema) => {
      expect(outputSchemaErrors(schema)).not.toEqual([]);
    },
  );

  it.each([[{}], [person], [{ $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }] }]])(
    '%j is one',
    (schema) => {
      expect(outputSchemaErrors(schema)).toEqual([]);
    },
  );
});
