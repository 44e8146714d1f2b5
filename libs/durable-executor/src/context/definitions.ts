import { FleetError } from '@fleet/errors';
import type { ActivityOptions } from './activity-options';
import type { WorkflowContext } from './workflow-context';

/** A workflow as it is written: its name on every executor, and what it does. */
export interface WorkflowDefinition<Input, Output> {
  readonly name: string;
  readonly run: (context: WorkflowContext, input: Input) => Promise<Output>;
}

/** A workflow whose types are forgotten: for lists of them. */
// eslint-disable-next-line typescript/no-explicit-any -- The types of input and output are the definition's own.
export type AnyWorkflow = WorkflowDefinition<any, any>;

/** An activity as workflows see it: a name, its types, and how it is called unless the call says otherwise. */
export interface ActivityDefinition<Input, Output> {
  readonly name: string;
  readonly options: ActivityOptions;
  /** Holds the types; never called. */
  readonly types?: (input: Input) => Output;
}

/** A signal: a name and the type of its payload. */
export interface SignalDefinition<Payload> {
  readonly name: string;
  readonly types?: (payload: Payload) => void;
}

/** A query: a name, what is asked with and what is answered. */
export interface QueryDefinition<Input, Output> {
  readonly name: string;
  readonly types?: (input: Input) => Output;
}

/** An update: a name, what is asked and what is answered once it took effect. */
export interface UpdateDefinition<Input, Output> {
  readonly name: string;
  readonly types?: (input: Input) => Output;
}

/**
 * Declares a workflow. Make it once, at the top level of a module: executors run it by its name, never by this object.
 *
 * @throws FleetError `invalid_input` for an empty name.
 */
export function defineWorkflow<Input, Output>(
  name: string,
  run: (context: WorkflowContext, input: Input) => Promise<Output>,
): WorkflowDefinition<Input, Output> {
  return { name: named(name), run };
}

/** Declares an activity: `defineActivity<Input, Output>('fetchPage', { startToClose: '30 s' })`. */
export function defineActivity<Input, Output>(
  name: string,
  options: ActivityOptions = {},
): ActivityDefinition<Input, Output> {
  return { name: named(name), options };
}

/** Declares a signal: `defineSignal<Decision>('decide')`. */
export function defineSignal<Payload>(name: string): SignalDefinition<Payload> {
  return { name: named(name) };
}

/** Declares a query: `defineQuery<Input, Output>('pending')`. */
export function defineQuery<Input, Output>(name: string): QueryDefinition<Input, Output> {
  return { name: named(name) };
}

/** Declares an update: `defineUpdate<Decision, Approval>('decide')`. */
export function defineUpdate<Input, Output>(name: string): UpdateDefinition<Input, Output> {
  return { name: named(name) };
}

function named(name: string): string {
  if (/^[^\p{Cc}\p{Cs}]{1,200}$/u.test(name)) return name;
  const rule = 'must be 1 to 200 characters, none of them a control character or half of one';
  throw new FleetError('invalid_input', { count: 1 }, { fields: [{ field: 'name', rule, got: name.slice(0, 200) }] });
}
