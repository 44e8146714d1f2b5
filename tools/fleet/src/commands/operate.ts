import type { Command } from 'commander';
import { note } from '../output/print';
import { command, readingCommand } from './command';

// These load the supervisor, the store or esbuild, which no other command should wait for: hence `require`, and late.
// (In CommonJS output TypeScript wants a file extension in a relative `import()`, which jest then cannot resolve.)

/** The commands that run the fleet itself. */
export function operateCommands(): readonly Command[] {
  return [upCommand(), ...servicesCommands(), ...upkeepCommands()];
}

function upCommand(): Command {
  return command(
    'up',
    'Start everything: Temporal, Postgres, the gateway and the workers',
    'fleet up',
    'fleet up --scale high=2 --scale standard=3 --no-demo',
  )
    .option('--scale <queue=n...>', 'workers of a queue; default: 1 of each', collect, [])
    .option('--no-demo', 'do not run one job per queue at the start')
    .option('--json', 'print events and logs as JSON lines')
    .action(async (options: { scale: readonly string[]; demo: boolean; json?: boolean }) => {
      const { up } = require('../supervisor/up') as typeof import('../supervisor/up');
      await up({ scale: options.scale, demo: options.demo, json: options.json === true });
    });
}

function servicesCommands(): readonly Command[] {
  return [
    command('services', 'Start only Temporal, Postgres and the mail catcher, for nx serve', 'fleet services').action(
      async () => {
        const { services } = require('../supervisor/services-only') as typeof import('../supervisor/services-only');
        await services();
      },
    ),
    readingCommand('doctor', 'Say what is missing on this machine, and the remedy', 'fleet doctor').action(
      async (options: { json?: boolean }) => {
        const { doctor } = require('../doctor/doctor') as typeof import('../doctor/doctor');
        await doctor(options);
      },
    ),
  ];
}

function upkeepCommands(): readonly Command[] {
  return [
    command('migrate', 'Bring the database to the version this checkout needs', 'fleet migrate').action(async () => {
      const { migrateCommand } = require('./migrate') as typeof import('./migrate');
      await migrateCommand();
    }),
    command('reload', 'Have the running fleet read .env and the file of models again', 'fleet reload').action(() => {
      const { reload } = require('./reload') as typeof import('./reload');
      reload();
    }),
    command('reset', 'Delete the state folder: all jobs, artefacts and downloads', 'fleet reset --yes')
      .option('--yes', 'do not ask')
      .action(async (options: { yes?: boolean }) => {
        const { reset } = require('./reset') as typeof import('./reset');
        await reset(options);
      }),
    command('bundle', 'Build the apps and the workflow bundle', 'fleet bundle').action(async () => {
      const { buildApps } = require('../build') as typeof import('../build');
      await buildApps({ onLine: note });
    }),
  ];
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
