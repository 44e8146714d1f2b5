/** One row of the error table. `status` is the HTTP status the gateway answers with. */
export interface ErrorRow {
  readonly status: number;
  /** The rule that was broken. `{name}` is replaced by the detail of that name. */
  readonly message: string;
  /** What the reader can do next. */
  readonly remedy: string;
}
