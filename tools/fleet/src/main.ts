import { report } from './output/errors';
import { createProgram } from './program';

// A reader that goes away (fleet jobs | head) is no error of ours.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

createProgram()
  .parseAsync()
  .catch((error: unknown) => {
    // Whatever was still under way when it failed must not hold the prompt.
    process.exit(report(error));
  });
