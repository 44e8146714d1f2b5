import { errorText } from '@fleet/errors';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GatewayProblem, type GatewayApi } from '../gateway-api';
import { bytes, duration } from '../output/format';
import { failureText } from '../output/errors';
import { table } from '../output/table';
import { waitForEnd } from '../wait-for-end';
import type { Voice } from './voice';

const LIMIT_MS = 120_000;

/** One real job, and how its result reads. */
interface Demo {
  readonly queue: string;
  readonly workflow: string;
  readonly input: (api: GatewayApi) => Promise<unknown>;
  readonly read: (result: never, api: GatewayApi) => Promise<string> | string;
}

interface CleanUp {
  readonly deleted: number;
  readonly bytes: number;
}

interface Report {
  readonly rows: number;
  readonly clustering: { readonly sizes: readonly number[]; readonly withinSumOfSquares: number };
}

interface Image {
  readonly image: { readonly id: string; readonly size: number; readonly sha256: string };
  readonly renderer: string;
}

/** Runs one job per queue, all at once, and tells what came back. A job that fails is told and stops nothing. */
export async function runDemo(voice: Voice, api: GatewayApi, root: string): Promise<void> {
  const outcomes = await Promise.all(demos(root).map((demo) => runOne(demo, api)));
  voice.block('jobs', { jobs: outcomes }, () => {
    const rows = outcomes.map(({ queue, workflow, ms, text }) => [queue, workflow, duration(ms), text]);
    return table(['QUEUE', 'JOB', 'TOOK', 'WHAT CAME BACK'], rows, [2]);
  });
}

function demos(root: string): readonly Demo[] {
  return [
    {
      queue: 'high',
      workflow: 'generateImage',
      input: async () => ({ prompt: 'a lighthouse at dusk', width: 512, height: 512 }),
      read: imageText,
    },
    {
      queue: 'standard',
      workflow: 'analyzeData',
      input: async (api) => ({ artifactId: await putIris(api, root), clusters: 3 }),
      read: ({ rows, clustering }: Report) =>
        `iris.csv: ${rows} rows, clusters of ${clustering.sizes.join(' + ')}, ` +
        `within-cluster sum of squares ${clustering.withinSumOfSquares.toFixed(2)}`,
    },
    {
      queue: 'background',
      workflow: 'cleanUpArtifacts',
      input: async () => ({ olderThanDays: 30 }),
      read: cleanUpText,
    },
    {
      queue: 'scheduled',
      workflow: 'dailyMaintenance',
      input: async () => ({ olderThanDays: 30 }),
      read: ({ cleanUp }: { cleanUp: CleanUp }) => `clean-up on background: ${cleanUpText(cleanUp)}`,
    },
  ];
}

async function runOne({ queue, workflow, input, read }: Demo, api: GatewayApi) {
  const started = performance.now();
  const told = (status: string, text: string, id?: string) => ({
    queue,
    workflow,
    workflow_id: id,
    status,
    ms: Math.round(performance.now() - started),
    text,
  });
  try {
    const { workflow_id: id } = await api.submit({ workflow, input: await input(api) });
    const outcome = await waitForEnd(api, id, LIMIT_MS);
    if (outcome.status !== 'completed')
      return told(outcome.status, `${outcome.status}: ${failureText(outcome.failure)}`, id);
    const done = told('completed', '', id);
    return { ...done, text: await read(outcome.result as never, api) };
  } catch (error) {
    const code = error instanceof GatewayProblem ? `${error.problem.code ?? error.status}: ` : '';
    return told('failed', `failed: ${code}${errorText(error)}`);
  }
}

/** Fetches the image, so that what is told was seen and not only promised. */
async function imageText({ image, renderer }: Image, api: GatewayApi): Promise<string> {
  const content = Buffer.from(await api.artifactBytes(image.id));
  const isPng = content.length > 24 && content.subarray(1, 4).toString('latin1') === 'PNG';
  const size = isPng ? `PNG ${content.readUInt32BE(16)} x ${content.readUInt32BE(20)}` : 'image';
  const sha256 = createHash('sha256').update(content).digest('hex');
  const checked = sha256 === image.sha256 ? 'checked' : 'NOT that of the bytes';
  return `${size}, ${bytes(content.length)}, sha256 ${sha256.slice(0, 12)}… ${checked}, drawn by ${renderer} (${image.id})`;
}

function cleanUpText({ deleted, bytes: size }: CleanUp): string {
  return `${deleted} artefact${deleted === 1 ? '' : 's'} over 30 days old deleted, ${bytes(size)} freed`;
}

async function putIris(api: GatewayApi, root: string): Promise<string> {
  const content = readFileSync(join(root, 'examples/data/iris.csv'));
  return (await api.putArtifact('iris.csv', content, 'text/csv')).id;
}
