import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgram } from './program';
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
        'error: No gateway answers at http://127.0.0.1:1\n  Start the fleet with npm start, or set FLEET_GATEWAY_URL.\n',
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

describe('fleet doctor', () => {
  it('says what is missing, with the remedy, and ends with 1', () => {
    const own = {
      FLEET_STATE_DIR: folder,
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

describe('fleet reset', () => {
  const other = join(folder, 'other');

  it('does not delete without being told to', () => {
    const state = mkdtempSync(join(tmpdir(), 'fleet-state-'));
    writeFileSync(join(state, 'temporal.db'), '');
    const { status, stderr } = fleet(['reset'], testEnvironment({ FLEET_STATE_DIR: state }));
    expect(stderr).toContain('needs --yes');
    expect(status).toBe(2);
    expect(existsSync(join(state, 'temporal.db'))).toBe(true);
    expect(fleet(['reset', '--yes'], testEnvironment({ FLEET_STATE_DIR: state })).stdout).toContain('deleted');
    expect(existsSync(state)).toBe(false);
  });

  it('deletes no folder that is not a state folder', () => {
    const home = mkdtempSync(join(tmpdir(), 'fleet-home-'));
    writeFileSync(join(home, 'letter.txt'), 'dear');
    const { status, stderr } = fleet(['reset', '--yes'], testEnvironment({ FLEET_STATE_DIR: home }));
    rmSync(home, { recursive: true });
    expect(stderr).toContain('does not look like the state folder of a fleet');
    expect(status).toBe(2);
    expect(fleet(['reset', '--yes'], testEnvironment({ FLEET_STATE_DIR: other })).stdout).toContain(
      'nothing to delete',
    );
  });
});
