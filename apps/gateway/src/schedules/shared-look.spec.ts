import { sharedLook } from './shared-look';

it('is no older than its question, and shared by all who come meanwhile', async () => {
  const ends: ((look: number) => void)[] = [];
  const look = sharedLook(() => new Promise<number>((resolve) => void ends.push(resolve)));
  const first = look('a');
  const later = [look('a'), look('a'), look('a')];
  const other = look('b');
  expect(ends).toHaveLength(2);
  ends[0]?.(1);
  ends[1]?.(2);
  expect([await first, await other]).toEqual([1, 2]);
  expect(ends).toHaveLength(3);
  ends[2]?.(3);
  expect(await Promise.all(later)).toEqual([3, 3, 3]);
  const last = look('a');
  expect(ends).toHaveLength(4);
  ends[3]?.(4);
  expect(await last).toBe(4);
});

it('fails for those who share it, and not for the next', async () => {
  let looks = 0;
  const look = sharedLook(async () => {
    looks += 1;
    if (looks < 3) throw new Error(`look ${looks}`);
    return looks;
  });
  const outcomes = await Promise.allSettled([look('a'), look('a'), look('a')]);
  expect(outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason)).toMatchObject([
    { message: 'look 1' },
    { message: 'look 2' },
    { message: 'look 2' },
  ]);
  expect(await look('a')).toBe(3);
});
