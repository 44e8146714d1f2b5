import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BUNDLE_FILE, cachedBundle } from '@fleet/worker-runtime/bundle';
import { build } from 'esbuild';

/** Root of the checkout. */
const ROOT = resolve(__dirname, '../../../..');
/** What is built although it is no app of a user's: `fleet up` runs them where no model and no mail server is configured. */
const TOOLS = ['stand-in-provider', 'mail-catcher'] as const;
/** Native or resolved at run time, so they stay packages: everything else is in main.js. */
const EXTERNAL = ['@temporalio/*', 'sharp'];

export interface BuildOptions {
  /** Names of the apps. Default: every folder of apps/, and the tools that `fleet up` runs. */
  readonly apps?: readonly string[];
  /** Where the workflow bundle is kept between builds. Default `.fleet/cache` of the checkout. */
  readonly cacheFolder?: string;
  readonly onLine?: (line: string) => void;
}

/**
 * Builds apps into their `dist`: main.js, any other entry of the app, and for workers the workflow bundle. An app
 * whose sources have not changed since its last build is left as it is.
 */
export async function buildApps(options: BuildOptions = {}): Promise<void> {
  const say = options.onLine ?? (() => undefined);
  const apps = options.apps ?? [...readdirSync(join(ROOT, 'apps')), ...TOOLS];
  const hash = sourcesHash();
  const stale = apps.filter((app) => readStamp(app) !== hash);
  if (stale.length === 0) return say('apps are up to date');
  say(`building ${stale.join(', ')}`);
  const workers = stale.filter((app) => app.startsWith('worker-'));
  const bundling =
    workers.length > 0
      ? cachedBundle(join(ROOT, 'libs/workflows/src/index.ts'), options.cacheFolder ?? join(ROOT, '.fleet/cache'))
      : undefined;
  await Promise.all(stale.map(buildApp));
  const bundle = await bundling;
  for (const app of workers) if (bundle) replaceFile(join(distOf(app), BUNDLE_FILE), readFileSync(bundle));
  for (const app of stale) writeFileSync(stampOf(app), hash);
}

/** An app's entries: main.ts, and migrate.ts where there is one. */
async function buildApp(app: string): Promise<void> {
  const source = join(dirname(distOf(app)), 'src');
  const entries = ['main.ts', 'migrate.ts'].map((name) => join(source, name)).filter((path) => existsSync(path));
  mkdirSync(distOf(app), { recursive: true });
  const { outputFiles } = await build({
    entryPoints: entries,
    outdir: distOf(app),
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    external: EXTERNAL,
    logLevel: 'error',
    logOverride: { 'require-resolve-not-external': 'silent' },
  });
  for (const { path, contents } of outputFiles) replaceFile(path, contents);
}

/** Whole, at once: another process may build the same, and start it while this one writes. */
function replaceFile(path: string, contents: Uint8Array): void {
  const part = `${path}.${process.pid}`;
  writeFileSync(part, contents);
  renameSync(part, path);
}

/** Hash of every source an app can contain and of the versions of what it is built with. */
function sourcesHash(): string {
  const hash = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .update(readFileSync(__filename));
  const inFolder = (folder: string): readonly string[] =>
    readdirSync(join(ROOT, folder)).map((name) => join(folder, name));
  for (const project of [
    ...inFolder('apps'),
    ...inFolder('libs'),
    ...TOOLS.map((name) => `tools/${name}`),
  ].toSorted()) {
    const source = join(ROOT, project, 'src');
    if (!existsSync(source)) continue;
    for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' }).toSorted()) {
      if (name.endsWith('.ts') && !name.endsWith('.spec.ts'))
        hash.update(name).update(readFileSync(join(source, name)));
    }
  }
  return hash.digest('hex');
}

const isTool = (app: string): boolean => TOOLS.some((name) => name === app);
const distOf = (app: string): string => join(ROOT, isTool(app) ? 'tools' : 'apps', basename(app), 'dist');
const stampOf = (app: string): string => join(distOf(app), 'build-hash');

function readStamp(app: string): string | undefined {
  return existsSync(stampOf(app)) ? readFileSync(stampOf(app), 'utf8') : undefined;
}
