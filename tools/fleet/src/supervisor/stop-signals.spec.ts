import { spawn } from 'node:child_process';
import { join } from 'node:path';

const SCRIPT = `
  const { onStopSignals } = require(${JSON.stringify(join(__dirname, 'stop-signals.ts'))});
  onStopSignals((signal) => console.log('first ' + signal), () => (console.log('again'), process.exit(130)), 300);
  setInterval(() => {}, 1000);
  console.log('up');
`;

/** Sends the signals with the pauses between them, and gives back what was printed. */
async function press(...pausesMs: readonly number[]): Promise<readonly string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--eval', SCRIPT], { cwd: __dirname });
  let output = '';
  await new Promise<void>((resolve) => child.stdout.on('data', (text) => ((output += text), resolve())));
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGINT');
  for (const ms of pausesMs) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    child.kill('SIGINT');
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  child.kill('SIGKILL');
  await ended;
  return output.trim().split('\n');
}

describe('onStopSignals', () => {
  it('takes the two signals of one Ctrl-C under npm as one', async () => {
    expect(await press(20)).toEqual(['up', 'first SIGINT']);
  });

  it('forces on a second press', async () => {
    expect(await press(20, 600)).toEqual(['up', 'first SIGINT', 'again']);
  });
});
