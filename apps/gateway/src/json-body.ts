import { errorText, FleetError } from '@fleet/errors';
import { JSON_LIMIT } from './problem';
import type { App } from './services';

/**
 * Accepts JSON bodies only. An empty body counts as none, because many clients send the content type with every POST.
 */
export function registerJsonBody(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: JSON_LIMIT }, (request, body, done) => {
    const text = body.toString();
    if (text === '') return done(null, undefined);
    void parse(request, text, (error, value) => {
      if (error) done(new FleetError('invalid_json', { reason: reasonOf(text) }, { cause: error }));
      else done(null, value);
    });
  });
}

/** Fastify's parser says only that it failed; JavaScript's says where. */
function reasonOf(text: string): string {
  try {
    JSON.parse(text);
    return 'a key named __proto__ or constructor is not accepted';
  } catch (error) {
    return errorText(error);
  }
}
