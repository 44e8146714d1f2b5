import { STATUS_CODES } from 'node:http';
import { fastifySwagger } from '@fastify/swagger';
import { entryOf, SUBMITTABLE_NAMES, type WorkflowName } from '@fleet/workflow-registry';
import { createJsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { openAiErrorSchema } from './chat/openai-error';
import { problemSchema } from './problem';
import { inputSchemaOf, outputSchemaOf } from './schemas/workflow';
import type { App } from './services';

type Json = Record<string, unknown>;
interface Operation {
  requestBody?: { required: boolean; content: Record<string, { schema: Json }> };
  responses: Record<string, Json>;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas?: Json; responses?: Json };
}

/** Collects the schemas of the routes into the document that GET /openapi.json answers with. */
export async function registerOpenApi(app: App): Promise<void> {
  const toJsonSchema = createJsonSchemaTransform({});
  /** Paths whose errors are OpenAI's. */
  const openAiPaths = new Set<string>();
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'temporal-fleet gateway',
        version: '1',
        description: 'Submit jobs to a fleet of Temporal workers, watch them, and steer the queues.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'FLEET_API_TOKEN, where it is set.' },
        },
      },
      security: [{}, { token: [] }],
    },
    convertConstToEnum: false,
    transform: (route) => {
      if (route.route.config?.errors === 'openai') openAiPaths.add(route.url.replaceAll(/:(\w+)/g, '{$1}'));
      return toJsonSchema(route);
    },
    transformObject: (source) => {
      if (!('openapiObject' in source)) throw new Error('the document must be OpenAPI 3');
      return withRegistry(source.openapiObject as unknown as Document, openAiPaths);
    },
  });
}

/** Adds what no single route knows: the input and output of each workflow, and the problem that any route may answer. */
function withRegistry(document: Document, openAiPaths: ReadonlySet<string>): Document {
  const schemas = Object.fromEntries([
    ...SUBMITTABLE_NAMES.flatMap(componentsOf),
    ['Problem', z.toJSONSchema(problemSchema, { io: 'input' })],
    ['OpenAiError', z.toJSONSchema(openAiErrorSchema, { io: 'input' })],
  ]);
  document.components.schemas = { ...document.components.schemas, ...schemas };
  document.components.responses = {
    Problem: {
      description: 'What is wrong and what to do; the codes are in docs/errors.md.',
      content: { 'application/problem+json': { schema: reference('schemas', 'Problem') } },
    },
    OpenAiError: {
      description: "The same, in the shape that OpenAI's clients know.",
      content: { 'application/json': { schema: reference('schemas', 'OpenAiError') } },
    },
  };
  for (const [path, operations] of Object.entries(document.paths)) {
    const error = openAiPaths.has(path) ? 'OpenAiError' : 'Problem';
    for (const operation of Object.values(operations)) describeAnswers(operation, error);
  }
  describeBytes(document);
  describeStreams(document);
  const body = document.paths['/v1/jobs']?.['post']?.requestBody?.content['application/json'];
  if (body) body.schema = submissionOf(body.schema);
  return document;
}

function describeAnswers({ responses }: Operation, error: 'OpenAiError' | 'Problem'): void {
  for (const [status, response] of Object.entries(responses)) response['description'] = STATUS_CODES[status] ?? status;
  responses['default'] = reference('responses', error);
}

/** Bodies that are no JSON have no schema to derive them from. */
function describeBytes({ paths }: Document): void {
  const bytes = { content: { '*/*': { schema: {} } } };
  const upload = paths['/v1/artifacts']?.['post'];
  if (upload) upload.requestBody = { required: true, ...bytes };
  Object.assign(paths['/v1/artifacts/{id}']?.['get']?.responses['200'] ?? {}, bytes);
  Object.assign(paths['/metrics']?.['get']?.responses['200'] ?? {}, {
    content: { 'text/plain': { schema: { type: 'string' } } },
  });
}

/** With `stream` the answer is server-sent events, which have no schema. */
function describeStreams({ paths }: Document): void {
  for (const path of ['/v1/chat', '/v1/chat/completions']) {
    const content = paths[path]?.['post']?.responses['200']?.['content'];
    Object.assign(content ?? {}, { 'text/event-stream': { schema: { type: 'string' } } });
  }
}

/** The body of POST /v1/jobs: one variant for each workflow, told apart by its name. */
function submissionOf(base: Json): Json {
  const properties = base['properties'] as Json;
  return { oneOf: SUBMITTABLE_NAMES.map((name) => variantOf(name, base, properties)) };
}

function variantOf(name: WorkflowName, base: Json, properties: Json): Json {
  const { allowedQueues, description, example, input } = entryOf(name);
  const takesNothing = input.safeParse({}).success;
  return {
    ...base,
    title: name,
    required: takesNothing ? ['workflow'] : ['workflow', 'input'],
    description,
    properties: {
      ...properties,
      workflow: { type: 'string', const: name },
      input: reference('schemas', `${componentName(name)}Input`),
      queue: { type: 'string', enum: allowedQueues },
    },
    examples: [{ workflow: name, input: example }],
  };
}

function componentsOf(name: WorkflowName): [string, Json][] {
  const entry = entryOf(name);
  return [
    [`${componentName(name)}Input`, inputSchemaOf(entry)],
    [`${componentName(name)}Output`, outputSchemaOf(entry)],
  ];
}

/** `generateImage` -> `GenerateImage`. */
function componentName(name: WorkflowName): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function reference(kind: 'schemas' | 'responses', name: string): Json {
  return { $ref: `#/components/${kind}/${name}` };
}
