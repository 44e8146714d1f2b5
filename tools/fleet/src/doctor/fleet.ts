import { errorText, isFleetError } from '@fleet/errors';
import { gatewayUrlFrom, type Environment } from '../environment';
import { runningFleet } from '../supervisor/lock';
import { assertPortsFree, planFleet } from '../supervisor/plan';
import { missing, notable, ok, type Check } from './check';

/** The variables, the ports they lead to, and whether a fleet runs already. */
export async function checkFleet(env: Environment): Promise<readonly Check[]> {
  let plan;
  try {
    plan = planFleet(env, []);
  } catch (error) {
    return [problem('Variables', error)];
  }
  const running = runningFleet(plan.stateDir);
  const ports = running
    ? notable('Ports', `not looked at: the fleet with pid ${running.pid} runs from ${plan.stateDir}`)
    : await assertPortsFree(plan).then(
        () => ok('Ports', 'all free'),
        (error: unknown) => problem('Ports', error),
      );
  const environment = ok('Environment', `${plan.environment}, namespace ${plan.namespace}`);
  return [ok('Variables', 'all valid'), environment, ports, await checkGateway(env)];
}

async function checkGateway(env: Environment): Promise<Check> {
  const url = gatewayUrlFrom(env);
  try {
    const { status } = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3000) });
    if (status === 200) return ok('Gateway', `${url} is ready`);
    return notable('Gateway', `${url} answers ${status} to /readyz`, 'Its answer and its log say what it waits for.');
  } catch {
    return notable('Gateway', `none runs at ${url}`, 'Start the fleet with: npm start.');
  }
}

function problem(name: string, error: unknown): Check {
  return missing(name, errorText(error), isFleetError(error) ? error.remedy : 'Correct it and try again.');
}
