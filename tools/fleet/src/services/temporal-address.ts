import { connectionConfigFrom, type ConnectionConfig } from '@fleet/temporal-client/connection-config';
import { portFrom, type Environment } from '../environment';

/**
 * How to reach the Temporal server that `fleet up` uses with the same variables: the one they name, else the embedded one.
 *
 * @throws FleetError `invalid_variable`, `unreadable_file`.
 */
export function temporalOf(env: Environment): ConnectionConfig {
  const named =
    env['TEMPORAL_ADDRESS'] || env['TEMPORAL_HOST'] || env['TEMPORAL_CONFIG_FILE'] || env['TEMPORAL_PROFILE'];
  const embedded = named ? {} : { TEMPORAL_ADDRESS: `127.0.0.1:${portFrom(env, 'FLEET_TEMPORAL_PORT', 7233)}` };
  return connectionConfigFrom({ ...env, ...embedded });
}
