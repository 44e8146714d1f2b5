import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const ROOT = resolve(__dirname, '../../../..');

/** A gateway that runs as a process. */
export interface GatewayProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly out: () => string;
  readonly err: () => string;
  readonly exit: Promise<{ code: number | null; ms: number }>;
}

/** The gateway as its container has it. */
export interface BundledGateway {
  /** Where it is: processes are started in this folder. */
  readonly folder: string;
  /** Every file that the bundle is made of. */
  readonly files: readonly string[];
  /** Runs it by plain node, with nothing of the parent's environment. */
  run(env: Readonly<Record<string, string>>, preload?: readonly string[]): GatewayProcess;
  /** Kills what still runs. */
  remove(): void;
}

/** Bundles the gateway into a folder of its own. */
export async function bundleGateway(): Promise<BundledGateway> {
  const { outputFiles, metafile } = await build({
    entryPoints: [resolve(__dirname, '../main.ts')],
    bundle: true,
    platform: 'node',
    target: 'node20',
    external: ['@temporalio/*'],
    metafile: true,
    write: false,
    outfile: 'main.js',
  });
  const folder = mkdtempSync(join(tmpdir(), 'gateway-spec-'));
  const main = join(folder, 'main.js');
  writeFileSync(main, outputFiles[0]?.contents ?? '');
  const children = new Set<ChildProcessWithoutNullStreams>();
  return {
    folder,
    files: Object.keys(metafile.inputs),
    run(env, preload = []) {
      const gateway = start(folder, [...preload.flatMap((path) => ['--require', path]), main], env);
      children.add(gateway.child);
      return gateway;
    },
    remove() {
      for (const child of children) child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    },
  };
}

function start(folder: string, args: readonly string[], env: Readonly<Record<string, string>>): GatewayProcess {
  const before = Date.now();
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_PATH: join(ROOT, 'node_modules'),
      FLEET_GATEWAY_PORT: '0',
      ...env,
    },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
  const exit = new Promise<{ code: number | null; ms: number }>((done) => {
    child.on('close', (code) => done({ code, ms: Date.now() - before }));
  });
  return { child, out: () => out, err: () => err, exit };
}

/** Where it listens, once it does. @throws Error when it ends before */
export async function originOf({ out, err, child }: GatewayProcess): Promise<string> {
  for (;;) {
    const address = /"address":"([^"]+)"/.exec(out())?.[1];
    if (address !== undefined) return address;
    if (child.exitCode !== null) throw new Error(`the gateway ended: ${err()}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}
