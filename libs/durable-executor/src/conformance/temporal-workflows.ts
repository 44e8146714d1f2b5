// The conformance workflows as Temporal's: one export for each, under its name.
import { toTemporalWorkflow } from '../sandbox';
import * as definitions from './workflows';

export const steps = toTemporalWorkflow(definitions.steps);
export const retries = toTemporalWorkflow(definitions.retries);
export const failing = toTemporalWorkflow(definitions.failing);
export const waiting = toTemporalWorkflow(definitions.waiting);
export const collecting = toTemporalWorkflow(definitions.collecting);
export const twoReceivers = toTemporalWorkflow(definitions.twoReceivers);
export const counter = toTemporalWorkflow(definitions.counter);
export const inTime = toTemporalWorkflow(definitions.inTime);
export const cleaning = toTemporalWorkflow(definitions.cleaning);
export const detaching = toTemporalWorkflow(definitions.detaching);
export const parent = toTemporalWorkflow(definitions.parent);
export const chain = toTemporalWorkflow(definitions.chain);
export const values = toTemporalWorkflow(definitions.values);
export const sleeping = toTemporalWorkflow(definitions.sleeping);
export const parallel = toTemporalWorkflow(definitions.parallel);
export const refusals = toTemporalWorkflow(definitions.refusals);
export const idle = toTemporalWorkflow(definitions.idle);
export const pausing = toTemporalWorkflow(definitions.pausing);
export const quietWork = toTemporalWorkflow(definitions.quietWork);
export const leaving = toTemporalWorkflow(definitions.leaving);
