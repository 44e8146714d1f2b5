import { loadEnvironment } from '../environment';
import { print } from '../output/print';
import { UsageError } from '../usage-error';
import { backingVariables, startPostgresOf, startTemporalOf } from './backing';
import { assertPortsFree, planServices } from './plan';
import { runSession, step } from './session';
import { textVoice } from './voice';

/** `fleet services`: Temporal and Postgres alone, and the lines that tell a shell where they are. */
export async function services(): Promise<void> {
  const env = loadEnvironment();
  const plan = planServices(env);
  if (!plan.temporal && !plan.postgres) {
    throw new UsageError(
      'TEMPORAL_ADDRESS and DATABASE_URL are both set: there is nothing to start',
      'Unset one of them.',
    );
  }
  // Standard output is for the export lines alone.
  const voice = textVoice(process.stderr);
  await runSession(plan.stateDir, voice, async (session) => {
    await assertPortsFree(plan);
    const { migrate } = await import('@fleet/store');
    const database = startPostgresOf(session, plan, env).then(async (postgres) => {
      await step(
        session,
        'migrations',
        () => migrate(postgres.databaseUrl),
        ({ after }) => `schema at version ${after}`,
      );
      session.lock.describe(postgres);
      return postgres;
    });
    const [temporal, postgres] = await Promise.all([startTemporalOf(session, plan, env), database]);
    const variables = backingVariables({ ...temporal, ...postgres }, plan.namespace);
    for (const [name, value] of Object.entries(variables)) print(`export ${name}='${value.replaceAll("'", "'\\''")}'`);
    voice.say('info', 'ready: paste these lines in the shell that runs nx serve; Ctrl-C stops both');
  });
  process.exit(0);
}
