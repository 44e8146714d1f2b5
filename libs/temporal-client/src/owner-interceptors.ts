import { AsyncLocalStorage } from 'node:async_hooks';
import type { ClientInterceptors } from '@temporalio/client';
import type { Headers } from '@temporalio/common';
import { DEFAULT_OWNER, withOwnerHeader } from './owner-header';

// The SDK's start options have no headers; only an interceptor can set them, and it sees no argument of ours.
const currentOwner = new AsyncLocalStorage<string>();

/** Whatever `start` starts belongs to the owner. */
export function ownedBy<T>(owner: string, start: () => Promise<T>): Promise<T> {
  return currentOwner.run(owner, start);
}

/** Interceptors that put the owner into the header of everything the client starts. */
export function ownerInterceptors(): ClientInterceptors {
  return {
    workflow: [{ startWithDetails: (input, next) => next(owned(input)) }],
    activity: [{ start: (input, next) => next(owned(input)) }],
    schedule: [{ create: (input, next) => next(owned(input)) }],
  };
}

function owned<Input extends { readonly headers: Headers }>(input: Input): Input {
  return { ...input, headers: withOwnerHeader(input.headers, currentOwner.getStore() ?? DEFAULT_OWNER) };
}
