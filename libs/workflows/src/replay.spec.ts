import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { entryOf, WORKFLOW_NAMES } from '@fleet/workflow-registry';
import * as workflows from './index';

const HISTORIES = resolve(__dirname, '../histories');
const MUTATED = resolve(__dirname, '../dist/mutated');
const logger = new DefaultLogger('ERROR');
const workflowTypes = WORKFLOW_NAMES.filter((name) => entryOf(name).kind === 'workflow');

function bundle(folder: string): Promise<WorkflowBundleWithSourceMap> {
  const workflowInterceptorModules = [join(folder, 'interceptors.ts')];
  return bundleWorkflowCode({ workflowsPath: join(folder, 'index.ts'), workflowInterceptorModules, logger });
}

function replay(workflowBundle: WorkflowBundleWithSourceMap, name: string): Promise<void> {
  const history = JSON.parse(readFileSync(join(HISTORIES, `${name}.json`), 'utf8')) as unknown;
  return Worker.runReplayHistory({ workflowBundle: { code: workflowBundle.code } }, history);
}

beforeAll(() => void Runtime.install({ logger }));
afterAll(() => rmSync(MUTATED, { recursive: true, force: true }));

describe('the registry and the workflows', () => {
  it('have the same names', () => {
    expect(Object.keys(workflows).toSorted()).toEqual(workflowTypes);
  });

  it('every workflow type has a committed history, and no history is without its workflow', () => {
    expect(readdirSync(HISTORIES).toSorted()).toEqual(workflowTypes.map((name) => `${name}.json`));
  });
});

describe('the bundle', () => {
  let code: WorkflowBundleWithSourceMap;
  beforeAll(async () => (code = await bundle(__dirname)));

  it('contains neither zod nor grpc nor postgres nor the activities', () => {
    const modules = [...code.code.matchAll(/^\/\*\*\*\/ "(.+?)"/gm)].map(([, path]) => path ?? '');
    expect(modules.length).toBeGreaterThan(10);
    expect(modules.filter((path) => /zod|grpc|postgres|libs\/(activities|store)/.test(path))).toEqual([]);
  });

  it.each(workflowTypes)('replays the committed history of %s', async (name) => {
    await replay(code, name);
  });

  it('does not replay it when the order of two activities has changed', async () => {
    cpSync(__dirname, MUTATED, { recursive: true, filter: (path) => !path.endsWith('.spec.ts') });
    const file = join(MUTATED, 'generate-image.ts');
    const source = readFileSync(file, 'utf8');
    const save = '  await saveImage({ artifactId: image.id });\n';
    const filter = '  await filterContent({ prompt: request.prompt });\n';
    expect(source).toContain(filter);
    expect(source).toContain(save);
    const swapped = source.replace(filter, '').replace(save, filter + save);
    writeFileSync(file, swapped);
    await expect(replay(await bundle(MUTATED), 'generateImage')).rejects.toThrow(/[Nn]ondeterminism/);
    expect(existsSync(file)).toBe(true);
  });
});
