import { z } from 'zod';

/** A point in time as ISO 8601. Without zod's own check of our own answers, whose pattern would fill the OpenAPI document. */
export const timestamp = z.string().meta({ format: 'date-time' });

/** A point in time that is asked for: ISO 8601 with its offset. */
export const instantSchema = z.iso.datetime({ offset: true, error: 'must be a time as 2030-01-31T12:00:00Z' });
