import { createAnalysisActivities } from './analysis';
import type { ActivityStore } from './activity-store';
import { createArtifactActivities } from './artifacts';
import { createImageActivities } from './images';
import { createContentFilter } from './images/content-filter';
import { chooseRenderer } from './images/choose-renderer';
import { createProbeActivities } from './probe';

export type { Activity, ActivityScope, Proxied } from './activity-scope';
export type { ActivityStore } from './activity-store';
export type {
  AnalysisProgress,
  ClusterRowsInput,
  ClusterRowsOutput,
  DrawChartInput,
  LoadTableInput,
  SaveReportInput,
  TableInput,
} from './analysis';
export type { TableShape } from './analysis/table';
export type { CleanUpProgress } from './artifacts';
export type { ImageRecord, RenderedImage } from './images';
export type { ImageRequest } from './images/prompt';

/** What all activities together are handed. */
export interface ActivityDependencies {
  readonly store: ActivityStore;
  /** Read once: FLEET_CONTENT_DENY, FLEET_IMAGE_RENDERER, FLEET_IMAGE_MODEL, OPENAI_API_KEY, OPENAI_BASE_URL. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Every activity of the fleet, by the name that workflows and jobs call it. Nothing is connected or loaded until one runs.
 *
 * @throws FleetError `invalid_variable` for a variable that cannot be used.
 */
export function createActivities({ store, env }: ActivityDependencies) {
  return {
    ...createProbeActivities(),
    ...createArtifactActivities({ store }),
    ...createAnalysisActivities({ store }),
    ...createImageActivities({ store, renderer: chooseRenderer(env), filter: createContentFilter(env) }),
  };
}

/** The type of all activities. Workflow code imports only this, and takes the scope off with `Proxied`. */
export type Activities = ReturnType<typeof createActivities>;
