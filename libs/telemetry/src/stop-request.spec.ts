import { spawn } from 'node:child_process';
import { once } from 'node:events';

const SCRIPT = `
  const { onStopRequest } = require('./stop-request.ts');
  onStopRequest({ FLEET_SUPERVISED: '1' }, (reason) => console.log(reason));
  setTimeout(() => process.exit(0), 20_000);
  console.log('up');`;

/** A supervised process that tells each request to stop. */
async function supervised() {
  const child = spawn(process.execPath, ['--import', 'tsx', '--eval', SCRIPT], { cwd: __dirname });
  let output = '';
  child.stdout.on('data', (text) => (output += String(text)));
  const until = async (text: string): Promise<void> => {
    while (!output.includes(text)) await once(child.stdout, 'data');
  };
  await until('up\n');
  return {
    child,
    until,
    requests: async (): Promise<string[]> => {
      // Long enough for what should not come.
      await new Promise((done) => setTimeout(done, 300));
      child.kill('SIGKILL');
      return output.trim().split('\n').slice(1);
    },
  };
}

it('takes the end of its supervisor for a request', async () => {
  const { child, until, requests } = await supervised();
  child.stdin.end();
  await until('gone');
  expect(await requests()).toEqual(['the supervisor is gone']);
});

it('does not take it for a second one while it drains', async () => {
  const { child, until, requests } = await supervised();
  child.kill('SIGTERM');
  await until('SIGTERM');
  child.stdin.end();
  expect(await requests()).toEqual(['SIGTERM']);
});

it('hears a second signal, also after the supervisor is gone', async () => {
  const { child, until, requests } = await supervised();
  child.stdin.end();
  await until('gone');
  child.kill('SIGINT');
  await until('SIGINT');
  expect(await requests()).toEqual(['the supervisor is gone', 'SIGINT']);
});
