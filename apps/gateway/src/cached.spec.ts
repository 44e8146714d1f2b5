import { setTimeout as sleep } from 'node:timers/promises';
import { cached, within } from './cached';

describe('cached', () => {
  it('loads once for all who ask meanwhile, and again when the answer is old', async () => {
    let loads = 0;
    const load = cached(50, async () => {
      loads += 1;
      await sleep(20);
      return loads;
    });
    expect(await Promise.all([load(), load(), load()])).toEqual([1, 1, 1]);
    expect(await load()).toBe(1);
    await sleep(80);
    expect(await load()).toBe(2);
  });

  it('does not keep a failure longer than an answer', async () => {
    let loads = 0;
    const load = cached(30, async () => {
      loads += 1;
      if (loads === 1) throw new Error('down');
      return 'up';
    });
    await expect(load()).rejects.toThrow('down');
    await sleep(50);
    expect(await load()).toBe('up');
  });
});

describe('within', () => {
  it('gives up in time', async () => {
    await expect(within(20, new Promise(() => undefined))).rejects.toThrow('no answer within 20 ms');
    expect(await within(20, Promise.resolve(1))).toBe(1);
  });
});
