import { isSevere, parseLogLine, renderLogLine } from './log-line';

const plain = (_colour: string, text: string): string => text;
const render = (line: string) => renderLogLine('worker-high', parseLogLine(line), plain);

describe('log lines', () => {
  it("renders an app's line: time, label, level, message, fields", () => {
    const line =
      '{"level":"info","time":"2026-11-21T10:20:30.045Z","name":"worker-high","pid":7,"queue":"high","workflowId":"a-1","took":12,"note":"two words","msg":"running"}';
    const time = render(line).slice(0, 12);
    expect(time).toMatch(/^\d\d:20:30\.045$/);
    expect(render(line).slice(13)).toBe('worker-high INFO  running workflowId=a-1 took=12 note="two words"');
  });

  it("understands pino's own numbers and times", () => {
    const entry = parseLogLine('{"level":50,"time":1789123456789,"msg":"bad"}');
    expect(entry).toMatchObject({ level: 'error', message: 'bad', time: new Date(1_789_123_456_789) });
    expect(isSevere(entry)).toBe(true);
  });

  it('puts the stack of an error below its line', () => {
    const line = JSON.stringify({
      level: 'error',
      err: { message: 'no', stack: 'Error: no\n    at x' },
      msg: 'failed',
    });
    expect(render(line).split('\n').slice(1)).toEqual(['    Error: no', '        at x']);
    expect(render(line)).toContain('ERROR failed');
  });

  it.each(['plain text', '{half', '{"level":"info","time":"never"}'])('survives %j', (line) => {
    expect(render(line)).toMatch(/^\d\d:\d\d:\d\d\.\d{3} worker-high INFO/);
  });
});
