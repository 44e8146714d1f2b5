import { FleetError } from '@fleet/errors';
import type { Database } from './database';
import { newId } from './ids';
import { codeOf } from './store-error';

const FOREIGN_KEY_VIOLATION = '23503';

/** What is to be recorded of one generated image. */
export interface NewImage {
  /** Idempotency key, unique for each owner: recording again with the same key changes nothing. */
  readonly key: string;
  readonly artifactId: string;
  readonly jobId: string;
  readonly owner: string;
  readonly prompt: string;
  readonly renderer: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** One recorded image. It goes when its artefact goes. */
export interface ImageRow extends NewImage {
  readonly id: string;
  readonly createdAt: Date;
}

/** Which image was made by which job, of which prompt. */
export interface Images {
  /**
   * Records an image, or gives back the one already recorded by this owner with this key.
   * @throws FleetError `artifact_not_found`, `store_unavailable`
   */
  record(image: NewImage): Promise<{ id: string }>;
  /** The images of a job, oldest first. @throws FleetError `store_unavailable` */
  findByJob(jobId: string): Promise<ImageRow[]>;
}

/** The images in a database. */
export function imagesIn(database: Database): Images {
  return {
    async record(image) {
      try {
        return await record(database, image);
      } catch (error) {
        if (codeOf(error) !== FOREIGN_KEY_VIOLATION) throw error;
        throw new FleetError('artifact_not_found', { id: image.artifactId }, { cause: error });
      }
    },
    findByJob: (jobId) =>
      database.run(
        (sql) => sql<ImageRow[]>`
          select id, key, artifact_id as "artifactId", job_id as "jobId", owner, prompt, renderer, width, height,
            created_at as "createdAt"
          from images where job_id = ${jobId} order by created_at, id`,
      ),
  };
}

async function record(database: Database, image: NewImage): Promise<{ id: string }> {
  const [row] = await database.run(
    // The update changes nothing; it makes the statement return the row that was there first.
    (sql) => sql<[{ id: string }]>`
      insert into images (id, key, artifact_id, job_id, owner, prompt, renderer, width, height)
      values (${newId('img')}, ${image.key}, ${image.artifactId}, ${image.jobId}, ${image.owner}, ${image.prompt},
        ${image.renderer}, ${image.width}, ${image.height})
      on conflict (owner, key) do update set key = excluded.key
      returning id`,
  );
  return row;
}
