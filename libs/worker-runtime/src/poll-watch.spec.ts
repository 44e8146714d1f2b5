import { PollWatch } from './poll-watch';

const line = (count: number, status = 'UNAUTHENTICATED'): string =>
  `temporal_long_request_failure{namespace="default",operation="poll_activity_task_queue",status_code="${status}"} ${count}\n`;

it('gives up after 55 s of refusals', () => {
  const watch = new PollWatch();
  for (let second = 0; second < 55; second += 5) expect(watch.observe(line(second + 1), second * 1000)).toBe(false);
  expect(watch.observe(line(60), 55_000)).toBe(true);
});

it('does not when the refusals have stopped', () => {
  const watch = new PollWatch();
  for (let second = 0; second < 40; second += 5) watch.observe(line(second + 1), second * 1000);
  for (let second = 40; second < 200; second += 5) expect(watch.observe(line(36), second * 1000)).toBe(false);
  expect(watch.observe(line(37), 200_000)).toBe(false);
});

it('does not count a server that is away', () => {
  const watch = new PollWatch();
  for (let second = 0; second < 200; second += 5) {
    expect(watch.observe(line(second, 'UNAVAILABLE'), second * 1000)).toBe(false);
  }
});
