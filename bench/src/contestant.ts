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
 * Starts a contestant, a file that calls `serve`.
 *
 * @param file Without its ending, from this folder.
 * @param isFrozen While others are measured: one that polls every 10 ms would be measured with them. Default true.
 */
export async function startContestant<Ask extends object, Answer>(
  stage: Stage,
  file: string,
  env: Readonly<Record<string, string>>,
  isFrozen = true,
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
  const freeze = (signal: 'SIGSTOP' | 'SIGCONT'): void => {
    if (isFrozen) child.kill(signal);
  };
  freeze('SIGSTOP');
  return {
    stop,
    async measure(ask) {
      freeze('SIGCONT');
      child.send(ask);
      const [answer] = (await once(child, 'message')) as [Answer];
      freeze('SIGSTOP');
      return answer;
    },
  };
}
