import { interleave } from './interleave';

describe('interleave', () => {
  it('alternates the order and keeps the rounds together', async () => {
    const order: string[] = [];
    const measure = (name: string) => async (round: number) => {
      order.push(name);
      return `${name}${round}`;
    };
    const rounds: unknown[] = [];
    const results = await interleave(3, { a: measure('a'), b: measure('b'), c: measure('c') }, (_, each) =>
      rounds.push(each),
    );
    expect(order.join('')).toBe('abccbaabc');
    expect(results).toEqual({ a: ['a0', 'a1', 'a2'], b: ['b0', 'b1', 'b2'], c: ['c0', 'c1', 'c2'] });
    expect(rounds[1]).toEqual({ a: 'a1', b: 'b1', c: 'c1' });
  });
});
