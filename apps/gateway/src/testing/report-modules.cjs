'use strict';
// Preloaded into a gateway by its spec: at the end it writes which JavaScript and which native code the process had loaded.
process.on('exit', () => {
  const native = process.report.getReport().sharedObjects;
  process.stderr.write(`MODULES ${JSON.stringify({ modules: Object.keys(require.cache), native })}\n`);
});
