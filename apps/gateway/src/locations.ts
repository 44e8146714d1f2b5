/** Where a job is read. Ids may hold slashes and colons, so they are encoded. */
export function jobLocation(id: string): string {
  return `/v1/jobs/${encodeURIComponent(id)}`;
}

/** Where an artefact is read. */
export function artifactLocation(id: string): string {
  return `/v1/artifacts/${encodeURIComponent(id)}`;
}
