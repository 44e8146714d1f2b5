import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgram } from './program';
import { openStateFolder } from './supervisor/state-folder';
import { fleet, testEnvironment } from './test-cli';

// Nothing listens on port 1 of loopback.
const nowhere = testEnvironment({ FLEET_GATEWAY_URL: 'http://127.0.0.1:1' });
const folder = mkdtempSync(join(tmpdir(), 'fleet-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('fleet', () => {
  it('helps without a gateway, from any folder, without standard input', () => {
    const { status, stdout } = fleet(['--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('Usage: fleet');
    expect(stdout).toContain('$ fleet up');
  });

  it('has an example on each command, and --json on each that reads', () => {
    const commands = createProgram().commands.flatMap((command) => [command, ...command.commands]);
    for (const command of commands) {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
      expect(help).toMatch(/Examples?:\n {2}\$ fleet /);
    }
    const reading = commands.filter((command) => command.options.some(({ long }) => long === '--json'));
    const names = reading.map((command) => command.name());
    for (const name of ['status', 'result', 'history', 'query', 'jobs', 'queues', 'workers', 'workflows', 'doctor']) {
      expect(names).toContain(name);
    }
  });

  it.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['submit'], "missing required argument 'workflow'"],
    [['jobs', '--limit', '0'], '--limit must be a whole number from 1 to 200, got "0"'],
    [['submit', 'probe', '--input', '{x'], '--input is not valid JSON'],
    [['submit', 'probe', '--input', '@/nowhere.json'], '--input: cannot read /nowhere.json'],
    [['submit', 'probe', '--priority', '9'], '--priority must be a whole number from 1 to 5'],
    [['submit', 'probe', '--wait', 'soon'], '--wait must be a duration, got "soon"'],
    [['signal', 'x', 'go', '--args', '1'], '--args must be a JSON array'],
    [['queues', 'set-rate', 'high', 'fast'], '<rate> must be a number or table'],
    [['artifacts', 'put', '/nowhere.csv'], 'Cannot read /nowhere.csv'],
    [['up', '--scale', 'high'], '--scale must be like high=2'],
  ])('%j is a usage error: exit code 2, nothing on standard output', (args, message) => {
    const { status, stdout, stderr } = fleet(args, nowhere);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(2);
    expect(stdout).toBe('');
  });

  it.each([['jobs'], ['queues'], ['submit', 'probe'], ['status', 'x'], ['workflows', '--json']])(
    'fleet %s says which gateway does not answer, and the remedy',
    (...args) => {
      const { status, stderr } = fleet(args, nowhere);
      expect(stderr).toBe(
        'error: No gateway answers at http://127.0.0.1:1\n  Start the fleet with npm start, or set FLEET_GATEWAY_URL.\n  code: gateway_unreachable\n',
      );
      expect(status).toBe(1);
    },
  );

  it('has no colour without a terminal', () => {
    expect(fleet(['doctor']).stdout).not.toContain('\u001b[');
  });
});

describe('fleet up', () => {
  it('names a bad variable in one line, and starts nothing', () => {
    const env = testEnvironment({ FLEET_STATE_DIR: folder, FLEET_HIGH_ACTIVITY_SLOTS: 'many' });
    const { status, stderr } = fleet(['up'], env);
    expect(stderr).toMatch(
      /^error: Environment variable FLEET_HIGH_ACTIVITY_SLOTS must be a whole number.*got "many"\n/,
    );
    expect(status).toBe(1);
  });

  it('names a port in use, who wants it and the variable, and leaves no lock', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = String((server.address() as AddressInfo).port);
    const own = { FLEET_STATE_DIR: folder, FLEET_PORT_OFFSET: '11000', FLEET_GATEWAY_PORT: port };
    const { status, stderr } = fleet(['up'], testEnvironment(own));
    server.close();
    expect(stderr).toContain(
      `error: Port ${port}, wanted by gateway, is in use\n  Set FLEET_GATEWAY_PORT to a free port`,
    );
    expect(status).toBe(1);
    expect(fleet(['reset', '--yes'], testEnvironment(own)).stdout).toContain('deleted');
  });
});

it('fleet up names DATABASE_URL when the Postgres of it does not answer', () => {
  const own = {
    FLEET_STATE_DIR: join(folder, 'away'),
    FLEET_PORT_OFFSET: '11000',
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    DATABASE_URL: 'postgres://fleet:secret-word@127.0.0.1:1/fleet',
  };
  const { status, stderr } = fleet(['up'], testEnvironment(own));
  expect(stderr).toMatch(/^error: Connecting to 127\.0\.0\.1:1, which DATABASE_URL names, failed: /m);
  expect(stderr).not.toContain('secret-word');
  expect(status).toBe(1);
}, 60_000);

it('fleet result says when it waits', () => {
  expect(fleet(['result', '--help']).stdout.replaceAll(/\s+/g, ' ')).toContain('default: do not wait');
});

describe('fleet doctor', () => {
  it('says what is missing, with the remedy, and ends with 1', () => {
    const own = {
      FLEET_STATE_DIR: folder,
      // A fleet that runs beside the test has the default ports.
      FLEET_PORT_OFFSET: '11300',
      FLEET_TEMPORAL_CLI: join(folder, 'none'),
      DATABASE_URL: 'postgres://127.0.0.1:1/x',
    };
    const { status, stdout } = fleet(['doctor', '--json'], testEnvironment(own));
    const { healthy, checks } = JSON.parse(stdout) as {
      healthy: boolean;
      checks: { name: string; state: string; remedy?: string }[];
    };
    expect(healthy).toBe(false);
    const missing = checks.filter(({ state }) => state === 'missing');
    expect(missing.map(({ name }) => name)).toEqual(['Temporal', 'Postgres']);
    expect(missing.every(({ remedy }) => remedy)).toBe(true);
    expect(status).toBe(1);
  });
});

describe('names of another environment', () => {
  const own = { FLEET_STATE_DIR: folder, DATABASE_URL: 'postgres://fleet:secret-word@127.0.0.1:1/fleet_prod' };

  it.each([['up'], ['services'], ['migrate']])('keep fleet %s from doing anything', (name) => {
    const { status, stdout, stderr } = fleet([name], testEnvironment(own));
    expect(stderr).toContain('error: DATABASE_URL must be a database with no word of another environment');
    expect(stderr).toContain('got "fleet_prod" (production)');
    expect(`${stdout}${stderr}`).not.toContain('secret-word');
    expect(status).toBe(1);
  });

  it('are named by the doctor, who says which environment it is', () => {
    expect(fleet(['doctor'], testEnvironment(own)).stdout).toContain('while FLEET_ENVIRONMENT is development');
    const fine = testEnvironment({ ...own, FLEET_ENVIRONMENT: 'production', TEMPORAL_NAMESPACE: 'prod' });
    expect(fleet(['doctor'], fine).stdout).toMatch(/Environment +production, namespace prod/);
  });
});

const reset = (stateDir: string, ...args: readonly string[]) =>
  fleet(['reset', ...args], testEnvironment({ FLEET_STATE_DIR: stateDir }));

describe('fleet reset', () => {
  const base = mkdtempSync(join(tmpdir(), 'fleet-reset-'));
  let state: string;

  afterAll(() => rmSync(base, { recursive: true, force: true }));
  beforeEach(() => {
    state = mkdtempSync(join(base, 'state-'));
  });

  it('does not delete without being told to', () => {
    for (const name of ['temporal.db', 'postgres', 'logs']) writeFileSync(join(state, name), '');
    const { status, stderr } = reset(state);
    expect(stderr).toContain('needs --yes');
    expect(status).toBe(2);
    expect(readdirSync(state)).toHaveLength(3);
    expect(reset(state, '--yes').stdout).toContain(`${state} deleted; `);
    expect(existsSync(state)).toBe(false);
  });

  it("deletes what is the fleet's, and nothing else in the folder", () => {
    writeFileSync(join(state, 'letter.txt'), 'dear');
    openStateFolder(state);
    writeFileSync(join(state, 'temporal.db'), '');
    expect(reset(state, '--yes').stdout).toContain("except what is not the fleet's (letter.txt)");
    expect(readdirSync(state)).toEqual(['letter.txt']);
  });

  it.each(['letter.txt', 'bin', 'cache', 'logs', 'temporal.db'])(
    'deletes nothing where no fleet has been, though there is a %s',
    (name) => {
      writeFileSync(join(state, name), 'dear');
      const { status, stderr } = reset(state, '--yes');
      expect(stderr).toContain('does not look like the state folder of a fleet');
      expect(status).toBe(2);
      expect(readdirSync(state)).toEqual([name]);
    },
  );

  it('never deletes a home folder, not even a marked one, nor through a link', () => {
    openStateFolder(state);
    const link = `${state}-link`;
    symlinkSync(state, link);
    for (const path of [state, link]) {
      const { status, stderr } = fleet(['reset', '--yes'], {
        ...testEnvironment({ FLEET_STATE_DIR: path }),
        HOME: state,
      });
      expect(stderr).toContain('is never deleted: it is the home folder');
      expect(status).toBe(2);
    }
    expect(readdirSync(state)).toEqual(['fleet-state.json']);
  });

  it('has nothing to do where there is no folder', () => {
    expect(reset(join(state, 'none'), '--yes').stdout).toContain('nothing to delete');
  });
});
