import type { Activities, Proxied } from '@fleet/activities';
import { progressQuery, type GenerateImageInput, type GenerateImageOutput } from '@fleet/workflow-registry/messages';
import { proxyActivities } from '@temporalio/workflow';
import { trackProgress } from './progress';

type Images = Proxied<Activities>;

// Times and attempts are Project-AI's numbers for this workflow; the heartbeat lets the server notice a lost worker in seconds.
const { validatePrompt } = proxyActivities<Images>({
  startToCloseTimeout: '10 s',
  heartbeatTimeout: '5 s',
  retry: { maximumAttempts: 3 },
});
const { filterContent } = proxyActivities<Images>({
  startToCloseTimeout: '10 s',
  heartbeatTimeout: '5 s',
  retry: { maximumAttempts: 2 },
});
const { renderImage } = proxyActivities<Images>({
  startToCloseTimeout: '120 s',
  heartbeatTimeout: '5 s',
  retry: { initialInterval: '5 s', maximumInterval: '30 s', maximumAttempts: 3 },
});
const { saveImage, recordImage } = proxyActivities<Images>({
  startToCloseTimeout: '30 s',
  heartbeatTimeout: '5 s',
  retry: { maximumAttempts: 5 },
});

/** Validates the prompt, filters it, renders, saves and records. Only the artefact's reference travels. */
export async function generateImage(input: GenerateImageInput): Promise<GenerateImageOutput> {
  const step = trackProgress(progressQuery, ['validate', 'filter', 'render', 'save', 'record']);
  const request = await step('validate', () => validatePrompt(input));
  await step('filter', () => filterContent({ prompt: request.prompt }));
  const { image, renderer } = await step('render', () => renderImage(request));
  await step('save', () => saveImage({ artifactId: image.id }));
  const { recordId } = await step('record', () => recordImage({ ...request, artifactId: image.id, renderer }));
  return { image, renderer, recordId };
}
