import { setTimeout as delay } from 'node:timers/promises';
import { hedge } from './hedge';

/** A call that ends when it is told to, or is aborted. */
interface Lane {
  readonly end: (outcome: string) => void;
  aborted: boolean;
}

function race(lanes: number, signal = new AbortController().signal) {
  const started: Lane[] = [];
  const timers: (() => void)[] = [];
  const sleep = (_: number, own: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      timers.push(resolve);
      own.addEventListener('abort', () => reject(own.reason));
    });
  const run = (_: number, own: AbortSignal): Promise<string> =>
    new Promise((resolve, reject) => {
      const lane: Lane = { end: resolve, aborted: false };
      started.push(lane);
      own.addEventListener('abort', () => {
        lane.aborted = true;
        reject(own.reason);
      });
    });
  const result = hedge(lanes, { hedgeAfterMs: 10, sleep }, signal, run, (text) => text === 'ok');
  const tick = async (): Promise<void> => {
    timers.at(-1)?.();
    await delay(0);
  };
  return { started, result, tick };
}

describe('hedging', () => {
  it('one call is enough when it answers in time', async () => {
    const { started, result } = race(3);
    started[0]?.end('ok');
    expect(await result).toEqual({ result: 'ok', lane: 0, started: 1 });
    expect(started).toHaveLength(1);
  });

  it('starts another after each delay, three at most; the first success aborts the others', async () => {
    const { started, result, tick } = race(3);
    for (let turn = 0; turn < 5; turn += 1) await tick();
    expect(started).toHaveLength(3);
    started[1]?.end('ok');
    expect(await result).toEqual({ result: 'ok', lane: 1, started: 3 });
    expect(started.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  });

  it('a failure does not end the others', async () => {
    const { started, result, tick } = race(2);
    await tick();
    started[0]?.end('429');
    await delay(0);
    started[1]?.end('ok');
    expect(await result).toMatchObject({ result: 'ok', lane: 1 });
  });

  it('when all that run have failed it is over, with the failure of the first', async () => {
    const { started, result, tick } = race(3);
    await tick();
    started[1]?.end('500');
    await delay(0);
    started[0]?.end('429');
    expect(await result).toEqual({ result: '429', lane: 0, started: 2 });
    expect(started).toHaveLength(2);
  });

  it('ends with the reason of the caller', async () => {
    const controller = new AbortController();
    const { started, result, tick } = race(2, controller.signal);
    await tick();
    controller.abort(new Error('gone'));
    await expect(result).rejects.toThrow('gone');
    expect(started.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});
