import type { Database } from './database';

/** A row of `turns`, where aliases of models take theirs: their names have 200 characters at most. */
const NAME = 'hours of upkeep'.padEnd(201, '.');

/** Work that all processes have to do together, and one is enough for. */
export interface Upkeep {
  /**
   * Claims the upkeep of this hour, by the clock of the database.
   *
   * @returns true for one caller an hour, whatever process it is in. @throws FleetError `store_unavailable`
   */
  claimHour(): Promise<boolean>;
}

/** That of a database. */
export function upkeepIn(database: Database): Upkeep {
  return {
    async claimHour() {
      const result = await database.run(
        (sql) => sql`
          insert into turns as taken (name, turn)
          values (${NAME}, floor(extract(epoch from clock_timestamp()) / 3600)::bigint)
          on conflict (name) do update set turn = excluded.turn where taken.turn < excluded.turn`,
      );
      return result.count === 1;
    },
  };
}
