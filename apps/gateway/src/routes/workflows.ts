import { SUBMITTABLE_NAMES } from '@fleet/workflow-registry';
import { z } from 'zod';
import { toWorkflow, workflowSchema } from '../schemas/workflow';
import type { App } from '../services';

/** GET /v1/workflows. */
export function registerWorkflowRoutes(app: App): void {
  const answer = { workflows: SUBMITTABLE_NAMES.map(toWorkflow) };
  const schema = {
    operationId: 'listWorkflows',
    summary: 'Everything that can be started, with the JSON schemas of input and output.',
    tags: ['workflows'],
    response: { 200: z.object({ workflows: z.array(workflowSchema) }) },
  };
  app.get('/v1/workflows', { schema }, () => answer);
}
