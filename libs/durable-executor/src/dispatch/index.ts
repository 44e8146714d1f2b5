export { createBreaker, type Breaker, type BreakerOptions, type BreakerState } from './breaker';
export { dispatchTo, type Dispatcher, type RunOptions } from './dispatcher';
export { withFallback, type FallbackEvent, type FallbackOptions } from './with-fallback';
