/** To standard output, with a line end. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** To standard error, with a line end: progress, warnings and errors. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** As JSON for programs, or as text for people. */
export function show(json: boolean | undefined, answer: unknown, text: () => string): void {
  print(json ? JSON.stringify(answer, null, 2) : text());
}
