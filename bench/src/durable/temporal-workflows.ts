import { toTemporalWorkflow } from '@fleet/durable-executor/sandbox';
import * as portable from './steps';

export const threeSteps = toTemporalWorkflow(portable.threeSteps);
