import { z } from 'zod';

/** A point in time as ISO 8601. Without zod's own check of our own answers, whose pattern would fill the OpenAPI document. */
export const timestamp = z.string().meta({ format: 'date-time' });
