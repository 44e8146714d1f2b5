import { ERRORS } from '@fleet/errors';
import { failureOf } from './failure-class';

test.each([
  ['page_busy', 'rate_limit'],
  ['provider_rate_limited', 'rate_limit'],
  ['fetch_timed_out', 'timeout'],
  ['activity_timed_out', 'timeout'],
  ['provider_timeout', 'timeout'],
  ['fetch_failed', 'network'],
  ['page_failed', 'network'],
  ['store_unavailable', 'network'],
  ['output_schema_mismatch', 'agent'],
  ['provider_failed', 'agent'],
  ['page_refused', 'other'],
  ['url_refused', 'other'],
])('%s is of class %s', (code, failureClass) => {
  expect(failureOf(code, 'as the table says')).toEqual({ failureClass, code, message: 'as the table says' });
});

test.each(['', 'TypeError', 'constructor'])('of "%s" nothing is shown', (type) => {
  const failure = failureOf(type, 'connect ECONNREFUSED postgres://user:secret@10.0.0.1');
  expect(failure).toEqual({
    failureClass: 'other',
    code: 'internal_error',
    message: ERRORS.internal_error.message,
  });
});
