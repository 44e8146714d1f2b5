import { toProviderError } from './classify';
import { retryAfterMs } from './retry-after';

const openai = (message: string, code: string | null = null, type = 'invalid_request_error') => ({
  message,
  type,
  code,
  param: null,
});
const anthropic = (message: string, type = 'invalid_request_error') => ({ type: 'error', error: { type, message } });

/** What providers were seen to answer. */
const ANSWERS = [
  [
    'context_overflow',
    400,
    openai(
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
      'context_length_exceeded',
    ),
  ],
  [
    'context_overflow',
    400,
    openai(
      'Your input exceeds the context window of this model. Please adjust your input and try again.',
      'context_length_exceeded',
    ),
  ],
  [
    'context_overflow',
    400,
    {
      object: 'error',
      message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
      type: 'BadRequestError',
      code: 400,
    },
  ],
  [
    'context_overflow',
    400,
    openai('the request exceeds the available context size, try increasing it', null, 'exceed_context_size_error'),
  ],
  ['context_overflow', 400, anthropic('prompt is too long: 208310 tokens > 200000 maximum')],
  [
    'context_overflow',
    400,
    anthropic('input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length'),
  ],
  ['context_overflow', 413, anthropic('Request exceeds the maximum size', 'request_too_large')],
  [
    'budget_exceeded',
    429,
    openai(
      'You exceeded your current quota, please check your plan and billing details.',
      'insufficient_quota',
      'insufficient_quota',
    ),
  ],
  ['budget_exceeded', 400, openai('Billing hard limit has been reached', 'billing_hard_limit_reached')],
  [
    'budget_exceeded',
    400,
    {
      error: {
        message: 'Budget has been exceeded! Current cost: 11, Max budget: 10',
        type: 'budget_exceeded',
        code: '400',
      },
    },
  ],
  ['budget_exceeded', 400, anthropic('Your credit balance is too low to access the Anthropic API.')],
  [
    'budget_exceeded',
    400,
    anthropic('You have reached your specified API usage limits. You will regain access on 2026-12-01.'),
  ],
  ['budget_exceeded', 402, anthropic('Payment required', 'billing_error')],
  [
    'budget_exceeded',
    429,
    { type: 'error', error: { type: 'rate_limit_error', details: { error_code: 'enforced_spend_limit_reached' } } },
  ],
  [
    'rate_limited',
    429,
    openai('You exceeded your current quota, please check your plan and billing details.', null, 'RESOURCE_EXHAUSTED'),
  ],
  [
    'rate_limited',
    429,
    anthropic('Number of request tokens has exceeded your per-minute rate limit', 'rate_limit_error'),
  ],
  ['rate_limited', 529, anthropic('Overloaded', 'overloaded_error')],
  ['transient', 408, openai('Request timed out')],
  ['transient', 500, openai('The server had an error', null, 'server_error')],
  ['transient', 520, '<html>'],
  ['fatal', 307, undefined],
  ['fatal', 400, openai("Unsupported parameter: 'foo'", 'unsupported_parameter')],
  ['fatal', 401, openai('Incorrect API key provided: sk-abc', 'invalid_api_key')],
  ['fatal', 403, anthropic('Your account does not have access', 'permission_error')],
  ['fatal', 404, openai('The model `x` does not exist', 'model_not_found')],
  ['fatal', 422, { detail: 'unprocessable' }],
] as const;

it.each(ANSWERS)('is %s: %d %j', (errorClass, status, error) => {
  expect(toProviderError({ status, error, headers: new Headers() })).toMatchObject({ errorClass, status });
});

it('names codes and parameters, and nothing that may hold a prompt or a key', () => {
  const error = {
    message: 'Bad prompt SECRET',
    type: 'invalid_request_error',
    code: 'SECRET with spaces',
    param: 'messages[0].content',
  };
  const { message } = toProviderError({ status: 400, error });
  expect(message).toBe('it answered 400 (invalid_request_error, param messages[0].content)');
});

it.each([
  ['overloaded_error', 'rate_limited'],
  ['api_error', 'transient'],
  ['server_error', 'transient'],
  ['insufficient_quota', 'budget_exceeded'],
  ['context_length_exceeded', 'context_overflow'],
  ['invalid_request_error', 'fatal'],
])('in the middle of a stream %s is %s', (type, errorClass) => {
  expect(toProviderError({ error: { type, message: '' } })).toMatchObject({ errorClass, status: undefined });
});

it.each([
  [{ 'retry-after': '2' }, 2000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:10 GMT' }, 10_000],
  [{ 'retry-after': 'Wed, 21 Oct 2026 07:27:00 GMT' }, 0],
  [{ 'retry-after': '-1' }, 0],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after-ms': '120', 'retry-after': '7' }, 120],
  [{ 'retry-after-ms': 'x', 'retry-after': '7' }, 7000],
  [{}, undefined],
])('%j asks to wait %s ms', (headers, expected) => {
  const now = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
  expect(retryAfterMs(new Headers(headers as Record<string, string>), now)).toBe(expected);
});
