import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const SCRIPT = `
  const { appendFileSync } = require('node:fs');
  const { onHangup } = require(${JSON.stringify(join(__dirname, 'hangup.ts'))});
  const note = (word) => appendFileSync(process.env.NOTES, word + '\\n');
  onHangup({ gone: () => (note('gone'), process.exit(0)), reload: () => note('reload') });
  setTimeout(() => process.exit(1), 30_000);
  note('up ' + process.pid);
`;

let folder: string;
let child: ChildProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleet-hangup-'));
  writeFileSync(join(folder, 'script.cjs'), SCRIPT);
});
afterEach(() => {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const notes = (): readonly string[] => {
  const path = join(folder, 'notes');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
};

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !condition(); await new Promise((done) => setTimeout(done, 20)))
    if (Date.now() > end) throw new Error(`it never came true: ${notes().join(', ')}`);
}

const LOADER = pathToFileURL(require.resolve('tsx')).href;
const COMMAND = [process.execPath, '--import', LOADER, 'script.cjs'];

function start(command: readonly string[]): ChildProcess {
  const [file = '', ...args] = command;
  const env = { ...process.env, NOTES: join(folder, 'notes') };
  // A session of its own: it has no terminal, whatever the tests were started from.
  return spawn(file, args, { cwd: folder, env, stdio: 'ignore', detached: true });
}

/** Sends the process SIGHUP once it is up. */
async function hangUp(): Promise<void> {
  await until(() => notes()[0]?.startsWith('up ') === true);
  process.kill(Number(notes()[0]?.slice(3)), 'SIGHUP');
}

it('is a request to read again where there is no terminal, as often as it comes', async () => {
  child = start(COMMAND);
  await hangUp();
  await until(() => notes().length === 2);
  await hangUp();
  await until(() => notes().length === 3);
  expect(notes().slice(1)).toEqual(['reload', 'reload']);
});

/** Gives the command a terminal. BSD's `script`, as of macOS, takes the command as its own arguments. */
const ON_TERMINAL =
  process.platform === 'linux'
    ? ['script', '--quiet', '--command', `exec ${COMMAND.join(' ')}`, '/dev/null']
    : ['script', '-q', '/dev/null', ...COMMAND];

it('is that on a terminal, too, until the terminal is closed', async () => {
  child = start(ON_TERMINAL);
  await hangUp();
  await until(() => notes().length === 2);
  expect(notes()[1]).toBe('reload');
  child.kill('SIGKILL');
  await until(() => notes().includes('gone'));
});
