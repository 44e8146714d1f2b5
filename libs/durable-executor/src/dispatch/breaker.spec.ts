import { ManualClock } from '../clock';
import { createBreaker, type BreakerState } from './breaker';

interface Probe {
  answer(works: boolean): Promise<void>;
  fail(): Promise<void>;
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function setUp() {
  const clock = new ManualClock();
  const states: BreakerState[] = [];
  const probes: Probe[] = [];
  const probe = () =>
    new Promise<boolean>((resolve, reject) => {
      const fail = () => (reject(new Error('no')), settled());
      probes.push({ answer: (works) => (resolve(works), settled()), fail });
    });
  const breaker = createBreaker({ probe, clock, onChange: (state) => void states.push(state) });
  const failTimes = (times: number): void => {
    for (let n = 0; n < times; n += 1) breaker.failed();
  };
  return { clock, states, probes, breaker, failTimes };
}

test('three failures in a row open it, others in between do not', () => {
  const { breaker, failTimes, states } = setUp();
  failTimes(2);
  breaker.succeeded();
  failTimes(2);
  expect([breaker.state, states]).toEqual(['closed', []]);
  failTimes(1);
  expect([breaker.state, states]).toEqual(['open', ['open']]);
});

test('after 30 s one probe looks, and closes it', async () => {
  const { breaker, clock, failTimes, states, probes } = setUp();
  failTimes(3);
  clock.advance(29_999);
  expect([breaker.state, probes.length]).toEqual(['open', 0]);
  clock.advance(1);
  expect([breaker.state, probes.length]).toEqual(['half_open', 1]);
  // What was on its way when it opened tells nothing.
  failTimes(5);
  breaker.succeeded();
  expect([breaker.state, probes.length]).toEqual(['half_open', 1]);
  await probes[0]?.answer(true);
  expect(states).toEqual(['open', 'half_open', 'closed']);
  failTimes(2);
  expect(breaker.state).toBe('closed');
});

test('a probe that says no, fails, or says nothing for 2 s opens it for another 30 s', async () => {
  const { breaker, clock, failTimes, probes } = setUp();
  failTimes(3);
  for (const end of [() => probes[0]?.answer(false), () => probes[1]?.fail(), async () => clock.advance(2_000)]) {
    clock.advance(30_000);
    expect(breaker.state).toBe('half_open');
    await end();
    expect(breaker.state).toBe('open');
  }
  // The answer of the one that said nothing comes too late.
  await probes[2]?.answer(true);
  expect(breaker.state).toBe('open');
  clock.advance(30_000);
  await probes[3]?.answer(true);
  expect([breaker.state, probes.length]).toEqual(['closed', 4]);
});

test('closed for good it probes no more', () => {
  const { breaker, clock, failTimes, probes } = setUp();
  failTimes(3);
  breaker.close();
  clock.advance(120_000);
  expect(probes).toEqual([]);
});
