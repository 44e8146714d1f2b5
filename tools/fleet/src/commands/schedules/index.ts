import type { Command } from 'commander';
import { command } from '../command';
import { readingSchedules } from './read';
import { runningSchedules } from './run';
import { writingSchedules } from './write';

/** `fleet schedules ...`. */
export function schedulesCommand(): Command {
  const schedules = command('schedules', 'Start workflows by the clock', 'fleet schedules list');
  for (const each of [...readingSchedules(), ...writingSchedules(), ...runningSchedules()]) schedules.addCommand(each);
  return schedules;
}
