import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify } from './supervisor/process-identity';
import { fleet, Staying, testEnvironment } from './test-cli';

jest.setTimeout(300_000);

const stateDir = mkdtempSync(join(tmpdir(), 'fleet-up-'));
const env = testEnvironment({
  FLEET_STATE_DIR: stateDir,
  FLEET_PORT_OFFSET: String(10_500 + (process.pid % 350) * 20),
});
const run = (...args: string[]) => fleet(args, env);
// eslint-disable-next-line typescript/no-unnecessary-type-parameters -- what a command prints is known where it is read
const json = <T>(...args: string[]) => JSON.parse(run(...args, '--json').stdout) as T;
const inHand = () =>
  json<{ workers: { activity_slots_used: number }[] }>('workers').workers.some(
    (worker) => worker.activity_slots_used > 0,
  );
const processFiles = ['processes.json', 'temporal.pid.json', 'postgres.pid.json'];

let up: Staying;

afterAll(async () => {
  await Staying.killAll();
  // Whatever a failed test has left is ended by the next start, and that one in good order.
  up = new Staying(['services'], env);
  await up.until('ready').catch(() => undefined);
  await up.end();
  rmSync(stateDir, { recursive: true, force: true });
});

/** Pids of everything that the state folder knows of. */
function pids(): readonly number[] {
  return processFiles.flatMap((name) => {
    const file = join(stateDir, name);
    const content: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
    return (Array.isArray(content) ? content : [content]).map(({ pid }: { pid: number }) => pid);
  });
}

async function expectNobody(pidsBefore: readonly number[]): Promise<void> {
  expect(pidsBefore.filter((pid) => identify(pid))).toEqual([]);
  expect(readdirSync(stateDir).filter((name) => name === 'fleet.lock' || processFiles.includes(name))).toEqual([]);
}

describe('a running fleet', () => {
  beforeAll(async () => {
    up = new Staying(['up', '--scale', 'standard=2'], env);
    await up.until(/^ready in /m);
  });

  it('shows addresses, one result per queue, and the time', () => {
    expect(up.output).toMatch(/^Gateway +http:\/\/127\.0\.0\.1:\d+$/m);
    expect(up.output).toMatch(/^Mail, caught +smtp:\/\/127\.0\.0\.1:\d+$/m);
    expect(up.output).toMatch(/^worker-standard-2 +http:\/\/127\.0\.0\.1:\d+\/readyz$/m);
    expect(up.output).toMatch(/^high +generateImage .*PNG 512 x 512, .* sha256 \w+… checked, drawn by local/m);
    expect(up.output).toMatch(/^standard +analyzeData .*iris\.csv: 150 rows, clusters of 62 \+ 50 \+ 38, .* 78\.8/m);
    expect(up.output).toMatch(/^background +cleanUpArtifacts .*0 artefacts over 30 days old deleted/m);
    expect(up.output).toMatch(/^scheduled +dailyMaintenance .*clean-up on background/m);
    expect(up.errors).toMatch(/^✓ Temporal +[\d.]+ m?s +127\.0\.0\.1:\d+$/m);
  });

  it('asks a stand-in where no model is configured, and calls it that', async () => {
    const [, url = ''] = /^Stand-in for a model +(http:\/\/127\.0\.0\.1:\d+)\/v1$/m.exec(up.output) ?? [];
    const prompt = 'use calculator {"expression":"6*7"}';
    const { stdout } = run('submit', 'agent', '--input', JSON.stringify({ kind: 'agent', prompt }), '--wait', '60s');
    expect(JSON.parse(stdout)).toMatchObject({ answer: 'Done: {"result":42}', turns: 2 });
    const calls = (await (await fetch(`${url}/stand-in/calls`)).json()) as { total: number };
    expect(calls.total).toBe(2);
  });

  it('refuses a second one from the same folder, and its deletion', () => {
    for (const args of [['up'], ['services'], ['reset', '--yes']]) {
      const { status, stderr } = run(...args);
      expect(stderr).toContain(`error: A fleet is already running from ${stateDir} (pid ${up.child.pid})`);
      expect(status).toBe(1);
    }
  });

  it('submits, waits, and prints nothing but the result', () => {
    const { status, stdout, stderr } = run(
      'submit',
      'generateImage',
      '--input',
      '{"prompt":"a fox"}',
      '--id',
      'fox',
      '--wait',
      '60s',
    );
    expect(stderr).toContain('completed after');
    expect(JSON.parse(stdout)).toMatchObject({ renderer: 'local', image: { type: 'image/png' } });
    expect(status).toBe(0);
    expect(run('status', 'fox').stdout).toMatch(/^status +completed$/m);
    expect(json<{ result: object }>('result', 'fox').result).toMatchObject({ renderer: 'local' });
    expect(run('history', 'fox').stdout).toContain('WorkflowExecutionCompleted');
    expect(run('query', 'fox', 'progress').stdout).toContain('"step"');
    expect(run('retry', 'fox').status).toBe(0);
    expect(
      json<{ jobs: { workflow_id: string }[] }>('jobs', '--workflow', 'generateImage').jobs.length,
    ).toBeGreaterThan(1);
  });

  it('shows what is wrong with an input, field by field, and each other refusal with its remedy', () => {
    const bad = run('submit', 'generateImage', '--input', '{"prompt":"","size":1}');
    expect(bad.stderr).toMatch(
      /^error: 2 field\(s\) are not valid\n {2}\S.*\n {2}input\.prompt: .*\n {2}input\.size: /,
    );
    expect(bad.status).toBe(1);
    expect(run('submit', 'nope').stderr).toMatch(/No workflow is named "nope"; there are: .*analyzeData, /);
    expect(run('submit', 'generateImage', '--input', '{"prompt":"x"}', '--id', 'fox').stderr).toContain(
      'id fox exists already',
    );
    expect(run('status', 'nobody').stderr).toContain('No job has the id nobody');
    expect(run('workflows', 'nope').stderr).toContain('No workflow is named "nope"');
  });

  it('says that a job still runs, cancels it, and tells how it ended', () => {
    expect(run('submit', 'probe', '--input', '{"durationMs":60000}', '--id', 'long').status).toBe(0);
    const waiting = run('result', 'long', '--wait', '1s');
    expect(waiting).toMatchObject({ status: 1, stdout: '' });
    expect(waiting.stderr).toContain('long is still running');
    expect(run('cancel', 'long', '--reason', 'enough').stdout).toContain('cancellation requested');
    const ended = run('result', 'long', '--wait', '30s');
    expect(ended.stderr).toContain('error: the job canceled');
    expect(ended.status).toBe(1);
  });

  it('stores and fetches artefacts', () => {
    const file = join(stateDir, 'data.csv');
    writeFileSync(file, 'a,b\n1,2\n');
    const { id, type } = json<{ id: string; type: string }>('artifacts', 'put', file);
    expect(type).toBe('text/csv');
    expect(run('artifacts', 'get', id).stdout).toBe('a,b\n1,2\n');
    expect(run('artifacts', 'get', id, '--output', `${file}.copy`).status).toBe(0);
    expect(readFileSync(`${file}.copy`, 'utf8')).toBe('a,b\n1,2\n');
  });

  it('shows queues, workers and workflows, and changes a rate', () => {
    expect(run('queues').stdout).toMatch(/^standard +2 +\d+\/50 /m);
    expect(json<{ workers: unknown[] }>('workers').workers).toHaveLength(5);
    expect(run('workers').stdout).toMatch(/^high .* running /m);
    expect(run('workflows', 'probe').stdout).toContain('fleet submit probe --input \'{"durationMs":1000}\' --wait');
    expect(run('queues', 'set-rate', 'background', '4', '--reason', 'test').stdout).toBe(
      'background: 4/s (set by operator)\n',
    );
    expect(run('queues', 'set-rate', 'background', 'table').stdout).toBe('background: 10/s (set by table)\n');
  });

  it('shows models, disables one and enables it again', () => {
    expect(run('models', 'list').stdout).toMatch(/^stand-in-wise +stand-in +9 +enabled +- /m);
    const disabled = run('models', 'disable', 'stand-in-wise', '--reason', 'test');
    expect(disabled.stdout).toBe('stand-in-wise is disabled: test\n');
    expect(json('models', 'list')).toMatchObject({
      models: expect.arrayContaining([expect.objectContaining({ id: 'stand-in-wise', skip_reason: 'disabled' })]),
    });
    expect(json('models', 'enable', 'stand-in-wise')).toMatchObject({ id: 'stand-in-wise', state: 'enabled' });
    const unknown = run('models', 'enable', 'gpt-99');
    expect([unknown.status, unknown.stderr]).toEqual([1, expect.stringContaining('"gpt-99"')]);
  });

  it('shows the whole namespace, with links to the web UI that it has started', async () => {
    const { workflows } = json<{ workflows: { workflow_type: string; ui_url: string }[] }>('admin', 'workflows');
    const image = workflows.find((one) => one.workflow_type === 'generateImage');
    expect(image?.ui_url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\/.+\/history$/);
    expect((await fetch(image?.ui_url ?? '')).status).toBe(200);
    const { schedules } = json<{ schedules: { schedule_id: string; next_run: string }[] }>('admin', 'schedules');
    expect(schedules.map((one) => one.schedule_id)).toContain('daily-maintenance');
    expect(run('admin', 'schedules').stdout).toMatch(/^daily-maintenance +dailyMaintenance +0 2 \* \* \* +UTC /m);
  });

  it('has its apps read their settings again', async () => {
    expect(run('reload').stdout).toMatch(/^asked the fleet \(pid \d+\)/);
    for (const app of ['gateway', 'worker-high', 'worker-scheduled'])
      await up.until(new RegExp(`${app} .*the settings were read again`));
    expect(json<{ workers: unknown[] }>('workers').workers).toHaveLength(5);
  });

  it('is healthy to the doctor, and migrated already', () => {
    expect(run('doctor')).toMatchObject({ status: 0 });
    expect(run('migrate').stdout).toMatch(/^schema is at version \d+ already$/m);
  });

  it('starts a killed worker again', async () => {
    const record = JSON.parse(readFileSync(join(stateDir, 'processes.json'), 'utf8')) as {
      label: string;
      pid: number;
    }[];
    const worker = record.find(({ label }) => label === 'worker-high');
    process.kill(worker?.pid as number, 'SIGKILL');
    await up.until(/worker-high ended with SIGKILL at .* starting again in 500 ms/);
    const { status } = run('submit', 'generateImage', '--input', '{"prompt":"a hare"}', '--wait', '60s');
    expect(status).toBe(0);
  });

  it('starts again after it was killed, and ends what that left behind', async () => {
    const before = pids();
    await up.end('SIGKILL');
    up = new Staying(['up', '--no-demo'], env);
    await up.until(/^ready in /m);
    expect(before.filter((pid) => identify(pid))).toEqual([]);
    expect(run('status', 'fox').stdout).toMatch(/^status +completed$/m);
  });

  it('drains a running activity on Ctrl-C, and ends everything at once on the second', async () => {
    expect(run('submit', 'probe', '--input', '{"durationMs":60000}', '--id', 'endless').status).toBe(0);
    // A job that no worker has in hand would not be waited for; a worker says so with its next heartbeat.
    while (!inHand()) await new Promise((resolve) => setTimeout(resolve, 100));
    const before = pids();
    up.child.kill('SIGINT');
    await up.until('draining');
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(up.child.exitCode).toBeNull();
    expect(await up.end('SIGINT')).toBe(130);
    expect(before.filter((pid) => identify(pid))).toEqual([]);
    up = new Staying(['up', '--no-demo'], env);
    await up.until(/^ready in /m);
    // It is tried again, and the next test is not to wait for its drain.
    expect(run('terminate', 'endless').status).toBe(0);
  });

  it('leaves no process, no record and no lock after Ctrl-C', async () => {
    const before = pids();
    // Temporal, Postgres, the gateway, four workers, the stand-in and the mail catcher.
    expect(before).toHaveLength(9);
    expect(await up.end('SIGINT')).toBe(0);
    await expectNobody(before);
  });
});

describe('fleet services', () => {
  it('prints export lines alone on standard output, and ends them all on SIGTERM', async () => {
    up = new Staying(['services'], env);
    await up.until('ready');
    const lines = up.output.trim().split('\n');
    expect(lines.map((line) => line.split('=')[0])).toEqual([
      'export TEMPORAL_ADDRESS',
      'export TEMPORAL_NAMESPACE',
      'export DATABASE_URL',
      'export FLEET_TEMPORAL_UI_URL',
      'export FLEET_SMTP_URL',
      'export FLEET_MAIL_FROM',
    ]);
    const before = pids();
    expect(await up.end('SIGTERM')).toBe(0);
    await expectNobody(before);
  });
});

describe('a start that fails half-way', () => {
  it('says which app, what it said, and leaves nobody', async () => {
    up = new Staying(['up', '--no-demo'], { ...env, FLEET_IMAGE_RENDERER: 'crayon' });
    await up.until('error:');
    const code = await up.end('SIGTERM');
    expect(up.errors).toMatch(
      /error: Starting (gateway|worker-\w+) failed: it ended with code 1: .*FLEET_IMAGE_RENDERER/,
    );
    expect(code).toBe(1);
    await expectNobody([]);
  });

  it('can be stopped while it is starting', async () => {
    up = new Staying(['up', '--no-demo'], env);
    await up.until(/✓ (Temporal|Postgres)/);
    const before = pids();
    expect(await up.end('SIGINT')).toBe(0);
    await expectNobody(before);
  });
});
