import { once } from 'node:events';
import { go, JOURNEY_ENTRIES, journey } from './journey';
import { RESULT, setScene, type Scene } from './scene';

let scene: Scene;

beforeAll(async () => void (scene = await setScene()));
afterAll(() => scene.close());

// As they are, the writes of a journey carry several entries each: five at least, however its turns fall. Written one by
// one, every entry is a boundary of its own; nothing is left to be killed after the last.
const deaths = [
  ...[1, 2, 3, 4, 5].flatMap((n) => [['before', n] as const, ['after', n] as const]),
  ...Array.from({ length: JOURNEY_ENTRIES }, (_, index) => ['entry', index + 1] as const),
];

test.each(deaths)(
  'killed (%s %i): another process finishes the journey, each effect once (fault 7)',
  async (when, n) => {
    const { survivor } = scene;
    const id = `journey-${when}-${n}`;
    const child = await scene.host({ when, n, ids: [id] });
    const died = child.signalCode ?? once(child, 'exit').then(([, signal]: unknown[]) => signal as string);
    await survivor.signal(id, go, 'now');
    const handle = await survivor.getHandle(journey, id);
    expect(await handle.result()).toBe(RESULT);
    expect(await died).toBe('SIGKILL');
    const marks = await scene.marks(id);
    expect(marks.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    // Only the step whose end was not recorded has run again, under the same key.
    expect(marks.reduce((sum, { runs }) => sum + runs, 0)).toBeLessThanOrEqual(6);
    const history = await survivor.history(id);
    expect(history.filter(({ type }) => type === 'activity_completed')).toHaveLength(5);
    if (when === 'entry') expect(await survivor.store.load(id)).toMatchObject({ status: 'completed' });
  },
  30_000,
);
