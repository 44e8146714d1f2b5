/** What `continueAsNew` throws; carries the input of the next run. Not an Error: code that catches errors lets it pass. */
export class ContinueAsNew {
  constructor(
    readonly workflow: string,
    /** JSON. */
    readonly input: string | undefined,
  ) {}
}
