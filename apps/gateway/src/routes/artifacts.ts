import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { FleetError } from '@fleet/errors';
import { MAX_ARTIFACT_BYTES, type ArtifactRow } from '@fleet/store';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { attachmentHeader, matchesTag } from '../content-headers';
import { artifactLocation } from '../locations';
import { artifactSchema, toArtifact } from '../schemas/artifact';
import type { App, Services } from '../services';

const tags = ['artifacts'];
const MEDIA_TYPE = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}(?:\s*;[\x20-\x7e]{0,200})?$/;

/** POST /v1/artifacts and GET, HEAD /v1/artifacts/{id}. */
export async function registerArtifactRoutes(app: App, services: Services): Promise<void> {
  registerDownload(app, services);
  // In a scope of its own, where bodies of every type are left to the route as a stream.
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, body, done) => done(null, body));
    registerUpload(scope, services);
  });
}

function registerUpload(app: App, { store, owner }: Services): void {
  const schema = {
    operationId: 'storeArtifact',
    summary: 'Store a file of at most 64 MiB: the request body, its type in Content-Type.',
    tags,
    consumes: ['*/*'],
    querystring: z.strictObject({
      name: z.string().min(1).max(200).optional().describe('File name to offer on download.'),
    }),
    response: { 201: artifactSchema },
  };
  app.post('/v1/artifacts', { schema }, async ({ headers, raw, query }, reply) => {
    const type = mediaTypeOf(headers['content-type']);
    if (Number(headers['content-length']) > MAX_ARTIFACT_BYTES) throw tooLarge();
    const name = query.name === undefined ? {} : { name: query.name };
    const row = await store.artifacts.put(bytesOf(raw), { owner, type, ...name, state: 'saved' });
    return reply.code(201).header('location', artifactLocation(row.id)).send(toArtifact(row));
  });
}

function registerDownload(app: App, { store }: Services): void {
  const params = z.object({ id: z.string().max(200) });
  const schema = {
    operationId: 'getArtifact',
    summary: 'The bytes of an artefact; HEAD for its headers alone.',
    tags,
    params,
    produces: ['application/octet-stream'],
  };
  app.get('/v1/artifacts/:id', { schema, exposeHeadRoute: false }, async ({ params: { id }, headers }, reply) => {
    const row = await store.artifacts.get(id);
    describeArtifact(reply, row);
    if (matchesTag(headers['if-none-match'], tagOf(row))) return reply.code(304).send();
    return reply
      .header('content-length', row.size)
      .send(Readable.from(store.artifacts.read(id), { objectMode: false }));
  });
  app.head('/v1/artifacts/:id', { schema: { params, hide: true } }, async ({ params: { id } }, reply) => {
    const row = await store.artifacts.get(id);
    describeArtifact(reply, row);
    return reply.header('content-length', row.size).send();
  });
}

/** The bytes are a stranger's: the browser must neither guess their type, nor run them, nor show them as ours. */
function describeArtifact(reply: FastifyReply, row: ArtifactRow): void {
  void reply.headers({
    'content-type': row.type,
    etag: tagOf(row),
    'content-disposition': attachmentHeader(row.name ?? row.id),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    // An id never gets other bytes, but it can be deleted.
    'cache-control': 'private, no-cache',
  });
}

/** The body piece by piece. When the reader stops early the connection lives on, for the answer that says why. */
function bytesOf(body: IncomingMessage): AsyncIterable<Uint8Array> {
  return body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
}

function mediaTypeOf(header: string | undefined): string {
  if (header !== undefined && MEDIA_TYPE.test(header)) return header;
  throw new FleetError('unsupported_media_type', {
    got: header === undefined ? '(none)' : JSON.stringify(header.slice(0, 100)),
  });
}

function tooLarge(): FleetError {
  return new FleetError('artifact_too_large', { limit: MAX_ARTIFACT_BYTES });
}

function tagOf({ sha256 }: ArtifactRow): string {
  return `"${sha256}"`;
}
