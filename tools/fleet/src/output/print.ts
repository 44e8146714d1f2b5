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
  print(json ? JSON.stringify(answer, null, 2) : printable(text()));
}

/** What others wrote, such as a page or a name, never moves the cursor, colours or turns round what stands on the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/gu, '\uFFFD');
}
