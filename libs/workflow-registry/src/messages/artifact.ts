/** What travels in payloads instead of bytes. GET /v1/artifacts/{id} has the bytes. */
export interface ArtifactRef {
  readonly id: string;
  /** Bytes. */
  readonly size: number;
  /** Media type, for instance `image/png`. */
  readonly type: string;
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string;
}
