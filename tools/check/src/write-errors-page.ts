import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ERRORS } from '@fleet/errors';

// Writes docs/errors.md from the table; run it after a change there. A test fails while the two differ.
const HEAD = `# Errors

Every error a user can meet has one row in \`libs/errors/src/table\`, and here. Over HTTP it is \`application/problem+json\`
with the \`code\`, the \`remedy\` and, for input, every failing field in \`errors\`. A failed workflow carries the code as the
type of its failure. A process that cannot start prints one line with it and ends with exit code 1.

| code | HTTP status | message | what to do |
|---|---|---|---|
`;
const rows = Object.entries(ERRORS).map(
  ([code, { status, message, remedy }]) => `| \`${code}\` | ${status} | ${message} | ${remedy} |\n`,
);
writeFileSync(resolve(__dirname, '../../../docs/errors.md'), HEAD + rows.join(''));
