/** A JSON object of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

/** An object as it is; without fields for anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
