/** Where a job is read. Ids may hold slashes and colons, so they are encoded. */
export function jobLocation(id: string): string {
  return `/v1/jobs/${encodeURIComponent(id)}`;
}

/** Where a request for approval is read. */
export function approvalLocation(id: string): string {
  return `/v1/approvals/${encodeURIComponent(id)}`;
}

/** Where a monitor is read. */
export function monitorLocation(id: string): string {
  return `/v1/monitors/${encodeURIComponent(id)}`;
}

/** Where a run of a monitor is read. */
export function executionLocation(monitorId: string, id: string): string {
  return `${monitorLocation(monitorId)}/executions/${encodeURIComponent(id)}`;
}

/** Where an artefact is read. */
export function artifactLocation(id: string): string {
  return `/v1/artifacts/${encodeURIComponent(id)}`;
}

/** Where a schedule is read. */
export function scheduleLocation(id: string): string {
  return `/v1/schedules/${encodeURIComponent(id)}`;
}
