import { fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Stage } from './stage';
import { commonEnv } from './worker-process';

/** Something that is measured in a process of its own. */
export interface Contestant<Ask, Answer> {
  measure(ask: Ask): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * Starts a contestant, a file that calls `serve`. It is frozen while others are measured: one that polls every 10 ms would
 * be measured with them.
 *
 * @param file Without its ending, from this folder.
 */
export async function startContestant<Ask extends object, Answer>(
  stage: Stage,
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<Contestant<Ask, Answer>> {
  const name = basename(file);
  const logFile = join(stage.folder, `${name}.log`);
  const log = openSync(logFile, 'a');
  const tsx = pathToFileURL(require.resolve('tsx')).href;
  const child = fork(join(__dirname, `${file}.ts`), {
    execArgv: ['--import', tsx],
    env: { ...commonEnv(), ...env },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  let stopping = false;
  child.once('exit', () => {
    if (!stopping) stage.fail(new Error(`${name} ended: ${readFileSync(logFile, 'utf8').trimEnd().slice(-600)}`));
  });
  const ended = once(child, 'exit');
  const stop = stage.endings.add(async () => {
    stopping = true;
    child.kill('SIGKILL');
    await ended;
  }, child.pid);
  await once(child, 'message');
  child.kill('SIGSTOP');
  return {
    stop,
    async measure(ask) {
      child.kill('SIGCONT');
      child.send(ask);
      const [answer] = (await once(child, 'message')) as [Answer];
      child.kill('SIGSTOP');
      return answer;
    },
  };
}
