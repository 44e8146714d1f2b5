import { SUBMITTABLE_NAMES } from '@fleet/workflow-registry';
import { createTestGateway, type TestGateway } from './testing/gateway';
import { send } from './testing/http';

interface Operation {
  operationId: string;
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: Record<string, unknown> }> };
  responses: Record<string, object>;
}
interface Document {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Record<string, unknown>>; responses: Record<string, unknown> };
}

let gateway: TestGateway;
let document: Document;

beforeAll(async () => {
  gateway = await createTestGateway();
  document = (await send(gateway.app, 'GET', '/openapi.json')).body as Document;
});

afterAll(() => gateway.close());

/** `GET /v1/jobs/{id}` for every route of the router's own print-out. */
function routes(): string[] {
  const lines = gateway.app.printRoutes({ commonPrefix: false, includeHooks: false }).split('\n');
  const found: string[] = [];
  const path: string[] = [];
  for (const line of lines) {
    const match = /^([│ ├└─]*)(\S+)(?: \((.+)\))?/.exec(line);
    if (!match) continue;
    const depth = (match[1] ?? '').length / 4;
    path.length = Math.max(0, depth - 1);
    path.push(match[2] ?? '');
    const template = path.join('').replaceAll(/:(\w+)/g, '{$1}');
    for (const method of (match[3] ?? '').split(', '))
      if (method !== '' && method !== 'HEAD') found.push(`${method} ${template}`);
  }
  return found.toSorted();
}

describe('GET /openapi.json', () => {
  it('has every route', () => {
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.toSorted()).toEqual(routes());
    expect(documented.length).toBeGreaterThan(18);
  });

  it('is OpenAPI 3.1 in its structure', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: expect.any(String) as string, version: expect.any(String) as string });
    const ids = new Set<string>();
    for (const [path, operations] of Object.entries(document.paths)) {
      for (const { operationId, parameters = [], responses } of Object.values(operations)) {
        expect(ids).not.toContain(operationId);
        ids.add(operationId);
        expect(Object.keys(responses)).toContain('default');
        for (const [status, response] of Object.entries(responses)) {
          expect(status).toMatch(/^(default|[1-5]\d\d)$/);
          expect('description' in response || '$ref' in response).toBe(true);
        }
        const inPath = parameters.filter((parameter) => parameter.in === 'path');
        const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => String(match[1]));
        expect(inPath.map(({ name }) => name).toSorted()).toEqual(named.toSorted());
        expect(inPath.every(({ required }) => required === true)).toBe(true);
      }
    }
  });

  it("says which errors and answers are OpenAI's, and which are streams", () => {
    const defaultOf = (path: string, method: string) => document.paths[path]?.[method]?.responses['default'];
    const openAi = { $ref: '#/components/responses/OpenAiError' };
    expect(defaultOf('/v1/chat/completions', 'post')).toEqual(openAi);
    expect(defaultOf('/v1/models/{id}', 'get')).toEqual(openAi);
    expect(defaultOf('/v1/chat', 'post')).toEqual({ $ref: '#/components/responses/Problem' });
    const chat = document.paths['/v1/chat']?.['post']?.responses['200'] as { content: object };
    expect(Object.keys(chat.content)).toEqual(['application/json', 'text/event-stream']);
  });

  it('resolves every reference', () => {
    for (const reference of referencesIn(document)) {
      const target = reference
        .slice(2)
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
      expect([reference, target]).toEqual([reference, expect.any(Object)]);
    }
  });

  it('has one variant of POST /v1/jobs for each workflow, with its own input', () => {
    const schema = document.paths['/v1/jobs']?.['post']?.requestBody?.content['application/json']?.schema;
    const variants = schema?.['oneOf'] as { properties: { workflow: { const: string }; input: { $ref: string } } }[];
    expect(variants.map(({ properties }) => properties.workflow.const)).toEqual(SUBMITTABLE_NAMES);
    expect(document.components.schemas['GenerateImageInput']).toMatchObject({ required: ['prompt'] });
    const image = variants.find(({ properties }) => properties.workflow.const === 'generateImage');
    expect(image?.properties.input.$ref).toBe('#/components/schemas/GenerateImageInput');
  });
});

function referencesIn(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, part]) =>
    key === '$ref' && typeof part === 'string' ? [part] : referencesIn(part),
  );
}
