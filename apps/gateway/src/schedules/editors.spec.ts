import { setTimeout as sleep } from 'node:timers/promises';
import { createTestGateway, type TestGateway } from '../testing/gateway';
import { send } from '../testing/http';
import { schedulesWork, seen } from '../testing/schedules';
import { until } from '../testing/until';
import { startApplyLoop, type ApplyLoop } from './apply-loop';

/** How long they edit. */
const SECONDS = 5;
const EDITORS = 20;

let gateways: readonly TestGateway[];
let loops: readonly ApplyLoop[];

beforeAll(async () => {
  const first = await createTestGateway();
  gateways = [first, await createTestGateway({ beside: first })];
  await schedulesWork(first);
  loops = gateways.map(({ store, client, app }) => startApplyLoop({ store, client, logger: app.log }));
});

afterAll(async () => {
  await Promise.all(loops.map((loop) => loop.stop()));
  for (const gateway of gateways.toReversed()) await gateway.close();
});

interface Change {
  readonly version: number;
  readonly cron: string;
}

it(`${EDITORS} editors at two gateways lose no change that was answered with 200, and no pause`, async () => {
  const [gateway, other] = gateways as [TestGateway, TestGateway];
  const created = await send(gateway.app, 'POST', '/v1/schedules', {
    id: 'edited',
    workflow: 'probeSteps',
    cron: '0 0 1 1 *',
  });
  expect(created.status).toBe(201);
  const end = Date.now() + SECONDS * 1000;
  const changes: Change[] = [];
  let refused = 0;
  let pauses = 0;
  let looks = 0;

  // However slow the machine is, there is something to look at in the end.
  const isOver = (): boolean => Date.now() >= end && changes.length > 1 && refused > 0 && looks > 0;

  async function edit(editor: number): Promise<void> {
    const { app, client } = editor % 2 === 0 ? gateway : other;
    for (let edits = 0; !isOver(); edits += 1) {
      const { etag } = (await send(app, 'GET', '/v1/schedules/edited')).headers;
      const cron = `${editor} ${edits % 24} * * *`;
      const answer = await send(app, 'PATCH', '/v1/schedules/edited', { cron }, { 'if-match': String(etag) });
      if (answer.status === 412) {
        refused += 1;
        continue;
      }
      expect(answer).toMatchObject({ status: 200 });
      const own = Number(/"(\d+)"/.exec(String(etag))?.[1]) + 1;
      await until(async () => ((await seen(client, 'edited')).version ?? 0) >= own);
      changes.push({ version: own, cron });
    }
  }

  async function pauseAndResume(): Promise<void> {
    const { app, client } = other;
    for (;;) {
      const note = `pause ${(pauses += 1)}`;
      const paused = await send(app, 'POST', '/v1/schedules/edited/pause', { reason: note });
      expect(paused).toMatchObject({ status: 200, body: { paused: true, note } });
      await until(async () => (await seen(client, 'edited')).note === note);
      for (let look = 0; look < 10; look += 1) {
        expect(await seen(client, 'edited')).toMatchObject({ paused: true, note });
        expect((await send(app, 'GET', '/v1/schedules/edited')).body).toMatchObject({ paused: true, note });
        looks += 1;
        await sleep(20);
      }
      if (isOver()) return;
      expect(await send(app, 'POST', '/v1/schedules/edited/resume')).toMatchObject({ body: { paused: false } });
    }
  }

  await Promise.all([pauseAndResume(), ...Array.from({ length: EDITORS }, (_, editor) => edit(editor))]);

  // Each change was one version, and the last of them is what there is.
  expect(new Set(changes.map(({ version }) => version)).size).toBe(changes.length);
  const last = changes.reduce((newest, change) => (change.version > newest.version ? change : newest));
  await until(async () => (await send(gateway.app, 'GET', '/v1/schedules/edited')).body.applied === true);
  const { body } = await send(gateway.app, 'GET', '/v1/schedules/edited');
  const now = { cron: last.cron, paused: true, note: `pause ${pauses}` };
  expect(body).toMatchObject({ ...now, applied: true, failure: null });
  expect(await seen(gateway.client, 'edited')).toMatchObject({ ...now, version: body.version });
}, 60_000);
