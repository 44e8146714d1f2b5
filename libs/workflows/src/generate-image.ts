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
  const at = trackProgress(progressQuery, ['validate', 'filter', 'render', 'save', 'record']);
  at('validate');
  const request = await validatePrompt(input);
  at('filter');
  await filterContent({ prompt: request.prompt });
  at('render');
  const { image, renderer } = await renderImage(request);
  at('save');
  await saveImage({ artifactId: image.id });
  at('record');
  const { recordId } = await recordImage({ ...request, artifactId: image.id, renderer });
  at('done');
  return { image, renderer, recordId };
}
