import type { Command } from 'commander';
import { command } from '../command';
import { readingMonitors } from './read';
import { runningMonitors } from './run';
import { writingMonitors } from './write';

/** `fleet monitors ...`. */
export function monitorsCommand(): Command {
  const monitors = command('monitors', 'Watch pages on a schedule, and tell people once', 'fleet monitors list');
  for (const each of [...readingMonitors(), ...writingMonitors(), ...runningMonitors()]) monitors.addCommand(each);
  return monitors;
}
