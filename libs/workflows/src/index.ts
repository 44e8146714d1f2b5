import { toTemporalWorkflow } from '@fleet/durable-executor/sandbox';
import * as portable from './portable';

// One line per workflow type: its name here is its name on the server. A test compares these with the registry.
export { analyzeData } from './analyze-data';
export { dailyMaintenance } from './daily-maintenance';
export { deliverNotice } from './deliver-notice';
export { generateImage } from './generate-image';
export { monitor } from './monitor';
export { probeSteps } from './probe-steps';
export { reconcile } from './reconcile';
export const agent = toTemporalWorkflow(portable.agent);
export const approval = toTemporalWorkflow(portable.approval);
export const chat = toTemporalWorkflow(portable.chat);
export const orchestrate = toTemporalWorkflow(portable.orchestrate);
export const streamLog = toTemporalWorkflow(portable.streamLog);
