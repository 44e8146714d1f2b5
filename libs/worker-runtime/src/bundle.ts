import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { errorText, FleetError } from '@fleet/errors';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleOption } from '@temporalio/worker';

/** Name of the prebuilt bundle, beside an app's main.js. */
export const BUNDLE_FILE = 'workflow-bundle.js';

/**
 * Modules without state, evaluated once for all workflows of a worker instead of once for each: 0.6 of the sandbox's 6 ms
 * of CPU for a three-activity workflow. They are frozen; one that keeps state would leak it from workflow to workflow.
 */
const preloadModules = ['@temporalio/common', 'long', 'nexus-rpc'];

/**
 * Bundles the workflows for the sandbox.
 *
 * @param workflowsPath The index of libs/workflows; its interceptors.ts lies beside it.
 * @throws FleetError `bundle_mismatch` when a workflow imports what the sandbox does not allow; the reason names it.
 */
export async function buildBundle(workflowsPath: string): Promise<string> {
  const lines: string[] = [];
  const logger = new DefaultLogger('WARN', ({ message }) => lines.push(message));
  try {
    const workflowInterceptorModules = [join(dirname(workflowsPath), 'interceptors.ts')];
    return (await bundleWorkflowCode({ workflowsPath, workflowInterceptorModules, preloadModules, logger })).code;
  } catch (error) {
    const reason = [errorText(error), ...lines].join('\n');
    throw new FleetError('bundle_mismatch', { path: workflowsPath, reason }, { cause: error });
  }
}

/**
 * The bundle a worker runs: the prebuilt one beside `mainFile`, else, while developing, one built from source and kept in
 * `cacheFolder` under the hash of everything that went into it.
 */
export async function findBundle(mainFile: string, cacheFolder: string): Promise<WorkflowBundleOption> {
  const prebuilt = join(dirname(mainFile), BUNDLE_FILE);
  if (existsSync(prebuilt)) return { codePath: prebuilt };
  return { codePath: await cachedBundle(require.resolve('@fleet/workflows'), cacheFolder) };
}

/** Builds the bundle into `cacheFolder` unless it is there already. @returns its path. */
export async function cachedBundle(workflowsPath: string, cacheFolder: string): Promise<string> {
  const path = join(cacheFolder, `workflow-bundle-${sourceHash(workflowsPath)}.js`);
  if (existsSync(path)) return path;
  const code = await buildBundle(workflowsPath);
  mkdirSync(cacheFolder, { recursive: true });
  // Four workers may build at once: each writes its own file, and the last rename wins with the same bytes.
  const own = `${path}.${process.pid}`;
  writeFileSync(own, code);
  renameSync(own, path);
  for (const name of readdirSync(cacheFolder)) {
    if (/^workflow-bundle-[0-9a-f]+\.js$/.test(name) && join(cacheFolder, name) !== path)
      rmSync(join(cacheFolder, name), { force: true });
  }
  return path;
}

/** Hash of the sources that can be in the bundle and of the SDK that builds it. */
function sourceHash(workflowsPath: string): string {
  const libs = resolve(dirname(workflowsPath), '../..');
  const hash = createHash('sha256');
  const sdk = JSON.parse(readFileSync(require.resolve('@temporalio/worker/package.json'), 'utf8')) as {
    version: string;
  };
  hash.update(`${sdk.version} ${libs}`);
  for (const folder of ['workflows', 'workflow-registry', 'task-queues', 'errors', 'durable-executor']) {
    const root = join(libs, folder, 'src');
    if (!existsSync(root)) continue;
    for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted()) {
      if (name.endsWith('.ts') && !name.endsWith('.spec.ts')) hash.update(name).update(readFileSync(join(root, name)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
