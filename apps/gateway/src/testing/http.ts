import type { App } from '../services';

/** An answer with its JSON body. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // Specs look into answers freely; the schemas are proved by the routes' own serializers.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** Sends a request to the app without a socket. */
export async function send(
  app: App,
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await app.inject({ method, url, ...payload, headers: { ...type, ...headers } });
  const isJson = /json/.test(String(response.headers['content-type']));
  return { status: response.statusCode, headers: response.headers, body: isJson ? response.json() : response.body };
}
