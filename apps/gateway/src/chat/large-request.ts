import type { ChatRequest } from '@fleet/workflow-registry/messages';
import type { FastifyRequest } from 'fastify';
import type { Services } from '../services';

/** Bytes of messages above which they go beside the workflow: its input may be 1.5 MB, and is kept with every attempt. */
const LARGE_BYTES = 1_000_000;

/**
 * The request as a workflow can be given it: large messages are stored as an artefact first.
 *
 * @param requestId the same one again finds the same artefact
 * @throws FleetError `store_unavailable`
 */
export async function fitting(
  { store, owner }: Pick<Services, 'store' | 'owner'>,
  http: FastifyRequest,
  request: ChatRequest,
  requestId: string,
): Promise<ChatRequest> {
  // Almost all requests are small, and their size need not be measured twice.
  if (Number(http.headers['content-length'] ?? Infinity) <= LARGE_BYTES) return request;
  const bytes = Buffer.from(JSON.stringify(request.messages));
  if (bytes.length <= LARGE_BYTES) return request;
  const name = `${requestId}-messages.json`;
  const { id } = await store.artifacts.put(bytes, { owner, type: 'application/json', name, key: requestId });
  return { ...request, messages: [], messagesArtifactId: id };
}
