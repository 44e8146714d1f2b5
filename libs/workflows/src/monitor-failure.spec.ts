import { ActivityFailure, ApplicationFailure, RetryState, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { monitorFailure, typedError } from './monitor-failure';

const failed = (activity: string, cause: Error) =>
  new ActivityFailure('Activity task failed', activity, '1', RetryState.MAXIMUM_ATTEMPTS_REACHED, 'worker', cause);

test('a step that failed has the type and the words of its cause, and the run ends with the same error', () => {
  const error = failed(
    'searchMonitor',
    ApplicationFailure.create({ type: 'page_refused', message: 'It answered 404' }),
  );
  expect(monitorFailure(error)).toEqual({ type: 'page_refused', message: 'It answered 404' });
  expect(typedError(error)).toBe(error);
});

test.each([
  ['searchMonitor', 60_000],
  ['compareMonitorState', 10_000],
  ['persistMonitorRun', 30_000],
])('%s that ran out of its %i ms is an error of the table', (activity, limit) => {
  const error = failed(
    activity,
    new TimeoutFailure('activity StartToClose timeout', undefined, TimeoutType.START_TO_CLOSE),
  );
  const message = `The activity ${activity} took longer than ${limit} ms (START_TO_CLOSE)`;
  expect(monitorFailure(error)).toEqual({ type: 'activity_timed_out', message });
  expect(typedError(error)).toMatchObject({ type: 'activity_timed_out', message, nonRetryable: true, cause: error });
});

test.each([new Error('x'), failed('searchMonitor', new Error('x'))])('anything else has no type', (error) => {
  expect(monitorFailure(error)).toEqual({ type: '', message: 'x' });
  expect(typedError(error)).toBe(error);
});
