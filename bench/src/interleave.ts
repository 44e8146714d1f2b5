/** Something measured once a round. */
export type Measurement<Result> = (round: number) => Promise<Result>;

/**
 * Measures every contestant once in each round, A B C, then C B A, and so on: whatever drifts during the run (heat, a growing
 * database, other processes) meets them all alike, and neighbours can be compared pair by pair.
 *
 * @param onRound Told the results of each round.
 * @returns each contestant's results, in the order of the rounds.
 */
export async function interleave<Name extends string, Result>(
  rounds: number,
  contestants: Readonly<Record<Name, Measurement<Result>>>,
  onRound: (round: number, results: Readonly<Record<Name, Result>>) => void = () => undefined,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(contestants) as Name[];
  const all = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Result[]>;
  for (let round = 0; round < rounds; round += 1) {
    const results = {} as Record<Name, Result>;
    // One at a time, or they would measure each other.
    for (const name of round % 2 === 0 ? names : names.toReversed()) results[name] = await contestants[name](round);
    for (const name of names) all[name].push(results[name]);
    onRound(round, results);
  }
  return all;
}
