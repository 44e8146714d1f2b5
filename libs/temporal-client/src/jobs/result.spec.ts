import { ended } from './result';

const failure = { code: 'invalid_csv', message: 'no rows', retryable: false };

it('says the result of what completed, and the failure of what did not', () => {
  expect(ended('completed', { result: 7 })).toEqual({ status: 'completed', result: 7 });
  expect(ended('completed', undefined)).toEqual({ status: 'completed', result: null });
  expect(ended('failed', { failure })).toEqual({ status: 'failed', failure });
});

it.each(['failed', 'canceled', 'terminated', 'timed_out'] as const)(
  '%s without an outcome is not completed',
  (status) => {
    expect(ended(status, undefined)).toMatchObject({ status, failure: { code: 'UnknownFailure' } });
  },
);
