import { ensureSchedule } from '@fleet/activities/schedules';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SCHEDULES } from './schedules';
import { startTestFleet, type TestFleet } from './test-fleet';

const IRIS = readFileSync(resolve(__dirname, '../../../examples/data/iris.csv'));

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await startTestFleet(['high', 'standard', 'background', 'scheduled']);
}, 120_000);
afterAll(() => fleet.stop(), 60_000);

const put = async (text: string | Buffer): Promise<string> => {
  const row = await fleet.store.artifacts.put(Buffer.from(text), { owner: 'local', type: 'text/csv' });
  return row.id;
};

async function bytesOf(reference: { id: string; size: number; sha256: string }): Promise<Buffer> {
  const bytes = await fleet.store.artifacts.readAll(reference.id);
  expect([bytes.length, createHash('sha256').update(bytes).digest('hex')]).toEqual([reference.size, reference.sha256]);
  return bytes;
}

describe('generateImage', () => {
  it('stores a real PNG and records who drew it; only a reference is in its history', async () => {
    const { id } = await fleet.client.start('generateImage', { prompt: 'a quiet harbour', width: 320, height: 200 });
    const outcome = await fleet.client.result<'generateImage'>(id, { waitMs: 30_000 });
    if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome));
    const png = await bytesOf(outcome.result.image);
    // The IHDR chunk of a PNG: signature, then width and height at bytes 16 and 20.
    expect([png.toString('latin1', 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(['PNG', 320, 200]);
    expect(outcome.result.renderer).toBe('local');
    const records = await fleet.store.images.findByJob(id);
    expect(records.map(({ id: record }) => record)).toEqual([outcome.result.recordId]);
    expect(await fleet.client.query(id, 'progress')).toEqual({ step: 'done', completed: 5, total: 5 });
  });

  it('is Failed with the reason when the filter refuses the prompt, and tries only once', async () => {
    const { id } = await fleet.client.start('generateImage', { prompt: 'a beheading, in oil' });
    const outcome = await fleet.client.result(id, { waitMs: 30_000 });
    expect(outcome).toMatchObject({ status: 'failed', failure: { code: 'content_rejected', retryable: false } });
    const { items } = await fleet.client.history(id);
    expect(
      items.filter(({ type }) => type === 'ActivityTaskStarted').map(({ name, attempt }) => [name, attempt]),
    ).toEqual([
      ['validatePrompt', 1],
      ['filterContent', 1],
    ]);
    expect(await fleet.store.images.findByJob(id)).toEqual([]);
  });
});

describe('analyzeData', () => {
  it("computes iris' published figures and stores chart and report", async () => {
    const { id } = await fleet.client.start('analyzeData', { artifactId: await put(IRIS) });
    const outcome = await fleet.client.result<'analyzeData'>(id, { waitMs: 60_000 });
    if (outcome.status !== 'completed') throw new Error(JSON.stringify(outcome));
    const { rows, columns, clustering, chart, report } = outcome.result;
    expect([rows, ...columns.map(({ mean }) => Math.round(mean * 1000) / 1000)]).toEqual([
      150, 5.843, 3.057, 3.758, 1.199,
    ]);
    expect(clustering.sizes).toEqual([62, 50, 38]);
    expect(clustering.withinSumOfSquares).toBeCloseTo(78.851, 3);
    expect((await bytesOf(chart)).toString()).toMatch(/^<(\?xml|svg)/);
    expect(JSON.parse((await bytesOf(report)).toString())).toMatchObject({ rows: 150 });
  });

  it.each([
    ['a CSV without numbers', 'name,town\nada,paris\n', 'invalid_csv'],
    ['an artefact that does not exist', undefined, 'artifact_not_found'],
  ])('is Failed for %s', async (_what, text, code) => {
    const artifactId = text === undefined ? 'art_00000000000000000000' : await put(text);
    const { id } = await fleet.client.start('analyzeData', { artifactId });
    expect(await fleet.client.result(id, { waitMs: 30_000 })).toMatchObject({ status: 'failed', failure: { code } });
  });

  it('is Canceled in the middle of the clustering', async () => {
    const rows = Array.from({ length: 120_000 }, (_, row) =>
      [row % 977, row % 1009, (row * 31) % 991, row % 613].join(','),
    );
    const { id } = await fleet.client.start('analyzeData', {
      artifactId: await put(`a,b,c,d\n${rows.join('\n')}\n`),
      clusters: 20,
    });
    for (;;) {
      const { progress, status } = await fleet.client.describe(id);
      expect(status).toBe('running');
      if ((progress as { step: string } | undefined)?.step === 'cluster') break;
      await new Promise((done) => setTimeout(done, 100));
    }
    await fleet.client.cancel(id, 'changed my mind');
    expect(await fleet.client.result(id, { waitMs: 30_000 })).toMatchObject({ status: 'canceled' });
    const { items } = await fleet.client.history(id);
    expect(items.map(({ type }) => type)).toContain('ActivityTaskCanceled');
  }, 120_000);
});

describe('daily-maintenance', () => {
  it('is one schedule however often a worker starts; triggered, it cleans up on the background queue', async () => {
    const [spec] = SCHEDULES;
    if (!spec) throw new Error('no schedule');
    expect(await ensureSchedule(fleet, spec)).toBe('created');
    expect(await ensureSchedule(fleet, spec)).toBe('unchanged');
    expect(await fleet.client.describeSchedule(spec.id)).toMatchObject({ paused: false });
    const { id } = await fleet.client.triggerSchedule(spec.id);
    const outcome = await fleet.client.result(id, { waitMs: 30_000 });
    const none = { chatLog: 0, points: 0, events: 0, providerCalls: 0, idempotencyKeys: 0, journals: 0 };
    const pruned = { ...none, executions: 0, notices: 0 };
    expect(outcome).toEqual({
      status: 'completed',
      result: { cleanUp: { deleted: 0, bytes: 0 }, approvals: { settled: 0 }, pruned },
    });
    expect(await fleet.registry.metrics()).toMatch(/activity_name="cleanUpArtifacts",status="completed"/);
  });
});
