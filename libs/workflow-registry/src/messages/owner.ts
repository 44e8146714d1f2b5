/** Temporal header that carries the principal a job belongs to, from the gateway to its activities. */
export const OWNER_HEADER = 'fleet-owner';
