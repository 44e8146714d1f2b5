import type { Client, Connection } from '@temporalio/client';
import type { Bounded } from './bounded';

/** What every part of the client works with: one connection, one namespace, one way to call. */
export interface Server {
  readonly connection: Connection;
  readonly client: Client;
  readonly namespace: string;
  readonly identity: string;
  readonly bounded: Bounded;
  readonly warn: (line: string) => void;
  /** Ends the connection once no retry is under way on it. */
  readonly close: () => Promise<void>;
}
