import { Command } from 'commander';
import { adminCommand } from './commands/admin';
import { approvalsCommand } from './commands/approvals';
import { artifactsCommand } from './commands/artifacts';
import { controlCommands } from './commands/control';
import { delegatedCommands } from './commands/delegate';
import { jobCommands } from './commands/job';
import { jobsCommand } from './commands/jobs';
import { mailCommand } from './commands/mail';
import { modelsCommand } from './commands/models';
import { monitorsCommand } from './commands/monitors';
import { operateCommands } from './commands/operate';
import { queuesCommand } from './commands/queues';
import { reconcileCommand } from './commands/reconcile';
import { schedulesCommand } from './commands/schedules';
import { submitCommand } from './commands/submit';
import { workersCommand } from './commands/workers';
import { workflowsCommand } from './commands/workflows';

const ENVIRONMENT = `
Environment:
  FLEET_GATEWAY_URL  the gateway to talk to (default http://127.0.0.1:8080)
  FLEET_API_TOKEN    sent as bearer token
  FLEET_STATE_DIR    where data, lock and downloads live (default .fleet)
  FLEET_PORT_OFFSET  added to every default port
  docs/configuration.md has the rest.

Example:
  $ fleet up
  $ fleet submit generateImage --input '{"prompt":"a lighthouse at dusk"}' --wait`;

/** The whole `fleet` command. Errors are thrown, never printed and exited on, so that `main` decides. */
export function createProgram(): Command {
  const program = new Command('fleet')
    .description('Start, use and watch a fleet of Temporal workers')
    .enablePositionalOptions()
    .addHelpText('after', ENVIRONMENT);
  const run = [...operateCommands(), reconcileCommand()];
  const use = [
    submitCommand(),
    ...jobCommands(),
    ...controlCommands(),
    jobsCommand(),
    approvalsCommand(),
    schedulesCommand(),
    monitorsCommand(),
    artifactsCommand(),
  ];
  const watch = [queuesCommand(), workersCommand(), modelsCommand(), workflowsCommand(), mailCommand(), adminCommand()];
  addGroup(program, 'Run the fleet:', run);
  addGroup(program, 'Jobs:', use);
  addGroup(program, 'Look:', watch);
  addGroup(program, 'Develop:', delegatedCommands());
  throwInsteadOfExit(program);
  return program;
}

function addGroup(program: Command, title: string, commands: readonly Command[]): void {
  for (const command of commands) program.addCommand(command.helpGroup(title));
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride().showHelpAfterError('Add --help to see what the command takes.');
  for (const child of command.commands) throwInsteadOfExit(child);
}
