import { loadEnvironment } from '../environment';
import { print } from '../output/print';
import { UsageError } from '../usage-error';
import { backingVariables, startPostgresOf, startTemporalOf } from './backing';
import { mailVariables, startMailCatcher } from './mail-catcher';
import { assertPortsFree, planServices } from './plan';
import { runSession, step } from './session';
import { textVoice } from './voice';

/** `fleet services`: Temporal, Postgres and the mail catcher alone, and the lines that tell a shell where they are. */
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
    const catcher = startMailCatcher(session, plan, env);
    const [temporal, postgres] = await Promise.all([startTemporalOf(session, plan, env), database, catcher]);
    const variables = {
      ...backingVariables({ ...temporal, ...postgres }, plan.namespace),
      ...mailVariables(plan, env),
    };
    for (const [name, value] of Object.entries(variables)) print(`export ${name}='${value.replaceAll("'", "'\\''")}'`);
    voice.say('info', 'ready: paste these lines in the shell that runs nx serve; Ctrl-C stops them');
  });
  process.exit(0);
}
