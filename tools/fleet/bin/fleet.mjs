#!/usr/bin/env node
// Plain Node without a dependency: it must run on a fresh clone, before anything is installed, and on a Node that is too old.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

function stopWith(message, remedy) {
  process.stderr.write(`error: ${message}\n  ${remedy}\n`);
  process.exit(1);
}

const parts = (version) => version.split('.').map(Number);

function requireNode() {
  const needed = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node.replace('>=', '');
  const [major, minor] = parts(process.versions.node);
  const [leastMajor, leastMinor] = parts(needed);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  stopWith(
    `Node ${needed} or newer is needed, this is ${process.versions.node}`,
    'Install it from https://nodejs.org, or with your version manager (for instance: nvm install 24).',
  );
}

requireNode();
try {
  const { installWhenNeeded } = await import('./install.mjs');
  installWhenNeeded(root);
  const { cliFile } = await import('./cli-file.mjs');
  // In this same process: a signal reaches the command's own handling exactly once, and its exit code is ours.
  createRequire(import.meta.url)(await cliFile(root));
} catch (error) {
  stopWith(error.message, error.remedy ?? 'If it stays, delete node_modules and tools/fleet/dist and try again.');
}
