import { errorText, FleetError } from '@fleet/errors';
import { JSON_LIMIT } from './problem';
import type { App } from './services';

/** Levels of a body: the workflows' own limit is 500, and walking a value that is much deeper ends in an overflow. */
const MOST_LEVELS = 500;

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
      else if (isDeeper(value, MOST_LEVELS))
        done(new FleetError('invalid_json', { reason: `it is nested more than ${MOST_LEVELS} levels deep` }));
      else done(null, value);
    });
  });
}

function isDeeper(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
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
