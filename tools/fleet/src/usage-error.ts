/** The command was typed wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  /** @param remedy What to type instead. */
  constructor(
    message: string,
    readonly remedy = 'Add --help to see what the command takes.',
  ) {
    super(message);
  }
}

/** The command ends with a code of its own, and everything has been said already. */
export class QuietExit extends Error {
  override readonly name = 'QuietExit';

  constructor(readonly exitCode: number) {
    super(`exit ${exitCode}`);
  }
}
