import type { ToolResult } from '@fleet/activities';
import { defineActivity } from '@fleet/durable-executor/context';
import type { ModelAnswer, ModelRequest, ToolCall } from '@fleet/workflow-registry/messages';

/** Asks the model. A provider that is busy is given some minutes. */
export const callModel = defineActivity<ModelRequest, ModelAnswer>('callModel', {
  startToClose: '3 minutes',
  heartbeat: '10 s',
  retry: { maximumAttempts: 6, initialInterval: '500 ms', maximumInterval: '30 s' },
});

/** Runs a tool. */
export const callTool = defineActivity<ToolCall, ToolResult>('callTool', {
  startToClose: '2 minutes',
  heartbeat: '10 s',
  retry: { maximumAttempts: 3, initialInterval: '500 ms', maximumInterval: '10 s' },
});
