import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore, type Store } from '@fleet/store';
import { createTestDatabase, type TestDatabase } from '@fleet/store/test-database';
import sharp from 'sharp';
import { testScope } from '../test-scope';
import { createAnalysisActivities } from '.';

const IRIS = readFileSync(join(__dirname, '../../../../examples/data/iris.csv'));
const COLUMNS = ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'];
let database: TestDatabase;
let store: Store;
let activities: ReturnType<typeof createAnalysisActivities>;

beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ url: database.url, maxConnections: 2 });
  activities = createAnalysisActivities({ store });
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

async function stored(csv: string | Uint8Array, owner = 'local'): Promise<string> {
  return (await store.artifacts.put(Buffer.from(csv), { owner, type: 'text/csv' })).id;
}

test("Fisher's iris, from the CSV to the report, has the published figures", async () => {
  const artifactId = await stored(IRIS);
  const table = await activities.loadTable({ artifactId }, testScope());
  expect(table).toEqual({ rows: 150, columns: COLUMNS });

  const columns = await activities.summarizeColumns({ artifactId, columns: table.columns }, testScope());
  const rounded = columns.map(({ mean, standardDeviation }) => [mean.toFixed(3), standardDeviation.toFixed(3)]);
  expect(rounded).toEqual([
    ['5.843', '0.828'],
    ['3.057', '0.436'],
    ['3.758', '1.765'],
    ['1.199', '0.762'],
  ]);
  expect(columns[0]).toMatchObject({ name: 'sepal_length', count: 150, missing: 0, min: 4.3, median: 5.8, max: 7.9 });

  const scope = testScope();
  const clustered = await activities.clusterRows({ artifactId, columns: table.columns, clusters: 3 }, scope);
  expect(clustered).toMatchObject({ clusters: 3, sizes: [62, 50, 38], rows: 150, leftOut: 0 });
  expect(clustered.withinSumOfSquares).toBeCloseTo(78.85, 2);
  expect(scope.beats.at(-1)).toEqual({ step: 'clustering', fraction: 1 });

  const chartInput = { artifactId, columns: table.columns, clusters: clustered };
  const chart = await activities.drawChart({ ...chartInput, format: 'png' }, testScope());
  expect(chart.type).toBe('image/png');
  const metadata = await sharp(await store.artifacts.readAll(chart.id)).metadata();
  expect(metadata).toMatchObject({ format: 'png', width: 1920, height: 1200 });

  const reportScope = testScope({ jobId: 'job-iris' });
  const input = { artifactId, rows: table.rows, columns, clustering: clustered, chart };
  const report = await activities.saveReport(input, reportScope);
  expect(await activities.saveReport(input, { ...reportScope, attempt: 2 })).toEqual(report);
  expect(await store.artifacts.get(report.id)).toMatchObject({
    state: 'saved',
    owner: 'local',
    type: 'application/json',
  });
  expect(JSON.parse(String(await store.artifacts.readAll(report.id)))).toMatchObject({ jobId: 'job-iris', ...input });
});

test('missing cells are counted, and leave their row out of the clusters', async () => {
  const artifactId = await stored('id,x,y\na,1,10\nb,,20\nc,NaN,30\nd,4,NA\ne,5e0,+.5\n');
  const { columns } = await activities.loadTable({ artifactId }, testScope());
  expect(columns).toEqual(['x', 'y']);
  expect(await activities.summarizeColumns({ artifactId, columns }, testScope())).toMatchObject([
    { name: 'x', count: 3, missing: 2, min: 1, max: 5 },
    { name: 'y', count: 4, missing: 1, min: 0.5, max: 30 },
  ]);
  const clustered = await activities.clusterRows({ artifactId, columns, clusters: 2 }, testScope());
  expect(clustered).toMatchObject({ rows: 2, leftOut: 3, sizes: [1, 1], withinSumOfSquares: 0 });
  const chart = await activities.drawChart({ artifactId, columns, clusters: clustered }, testScope());
  expect(String(await store.artifacts.readAll(chart.id))).toContain('2 rows');
});

test('a single value has a standard deviation of 0', async () => {
  const artifactId = await stored('x\n7\n');
  const [summary] = await activities.summarizeColumns({ artifactId, columns: ['x'] }, testScope());
  expect(summary).toMatchObject({ count: 1, mean: 7, standardDeviation: 0 });
});

test.each([
  ['an unknown column', 'x,y\n1,2\n', ['z'], /no column "z"; there are: x, y/],
  ['a column of words', 'x,name\n1,2\n2,ann\n', ['name'], /line 3, column "name": "ann" is not a number/],
  ['a column of nothing', 'x,y\n1,\n2,\n', ['y'], /column "y" has no numbers/],
  ['no numeric column', 'a,b\nx,y\n', undefined, /no column has only numbers/],
  ['a number too large', 'x\n1e101\n', ['x'], /line 2, column "x": 1e101 is too large/],
  ['a hexadecimal number', 'x\n0x10\n', ['x'], /"0x10" is not a number/],
  ['infinity', 'x\nInfinity\n', ['x'], /"Infinity" is not a number/],
])('loadTable refuses %s', async (_, csv, columns, reason) => {
  const artifactId = await stored(csv);
  await expect(activities.loadTable({ artifactId, columns }, testScope())).rejects.toMatchObject({
    code: 'invalid_csv',
    message: expect.stringMatching(reason),
  });
});

test('a column asked for twice is used once', async () => {
  const artifactId = await stored('x,y\n1,2\n');
  expect(await activities.loadTable({ artifactId, columns: ['y', 'y'] }, testScope())).toEqual({
    rows: 1,
    columns: ['y'],
  });
});

test('nobody reads an artefact of another owner, or one that is not there', async () => {
  const artifactId = await stored('x\n1\n', 'ann');
  const asked = activities.loadTable({ artifactId }, testScope({ owner: 'bob' }));
  await expect(asked).rejects.toMatchObject({ code: 'artifact_not_found' });
  const absent = activities.loadTable({ artifactId: 'art_none' }, testScope());
  await expect(absent).rejects.toMatchObject({ code: 'artifact_not_found' });
});

test('every step stops with the reason once the signal aborts, clustering in the middle too', async () => {
  const artifactId = await stored(IRIS);
  const input = { artifactId, columns: COLUMNS };
  const clusters = { centroids: [[1, 1, 1, 1]] };
  const reason = new Error('cancelled');
  const aborted = () => testScope({ signal: AbortSignal.abort(reason) });
  await expect(activities.loadTable(input, aborted())).rejects.toBe(reason);
  await expect(activities.summarizeColumns(input, aborted())).rejects.toBe(reason);
  await expect(activities.clusterRows(input, aborted())).rejects.toBe(reason);
  await expect(activities.drawChart({ ...input, clusters }, aborted())).rejects.toBe(reason);

  const controller = new AbortController();
  const heartbeat = () => controller.abort(reason);
  await expect(activities.clusterRows(input, testScope({ signal: controller.signal, heartbeat }))).rejects.toBe(reason);
});

test('a table of more than one chunk of the store is read whole', async () => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i % 97},${(i * 7) % 89},row ${i}`);
  const artifactId = await stored(`a,b,name\n${lines.join('\n')}\n`);
  expect(await activities.loadTable({ artifactId }, testScope())).toEqual({ rows: 20_000, columns: ['a', 'b'] });
});
