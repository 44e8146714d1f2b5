import { FleetError } from '@fleet/errors';

/** Who wanted to listen where. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  /** What listens, for people: `the gateway`. */
  readonly user: string;
  /** The variable that moves the port. */
  readonly portVariable: string;
}

/** Why a process could not listen, naming the variable at fault: the port's, or FLEET_HOST. Other errors as they are. */
export function listenError(error: unknown, { host, port, user, portVariable }: Listening): unknown {
  const invalid = (variable: string, rule: string, got: string | number): FleetError =>
    new FleetError('invalid_variable', { variable, rule, got }, { cause: error });
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new FleetError('port_in_use', { port, user, variable: portVariable }, { cause: error });
    case 'EACCES':
      return invalid(portVariable, 'a port this user may open', port);
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL':
    case 'EAI_AGAIN':
    case 'ENOTFOUND':
      return invalid('FLEET_HOST', 'an address of this machine', host);
    default:
      return error;
  }
}
