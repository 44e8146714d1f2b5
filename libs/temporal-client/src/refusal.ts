import { FleetError } from '@fleet/errors';
import { GRPC, grpcCodeOf } from './grpc-code';

/** In the words of grpc-js (OpenSSL) and of Core (rustls), which say the same things differently. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/alert certificate required|alert: CertificateRequired/, 'it asks for a client certificate and got none'],
  [
    /alert (bad certificate|certificate (expired|revoked|unknown)|unknown ca|unsupported certificate|access denied)/,
    'it does not accept the client certificate',
  ],
  [
    /alert: (BadCertificate|Certificate(Expired|Revoked|Unknown)|UnknownCA|UnsupportedCertificate|AccessDenied)/,
    'it does not accept the client certificate',
  ],
  [
    /self-signed certificate|unable to (get|verify) .*certificate|certificate (has expired|is not yet valid)|InvalidCertificate/,
    'its own certificate is not one that this process trusts',
  ],
  [/does not match certificate's altnames/, 'its own certificate is for another name'],
  [
    /valid authentication credentials|does not have permission to execute/,
    'it does not accept the key for this namespace',
  ],
];

const REFUSED: ReadonlySet<number | undefined> = new Set([GRPC.PERMISSION_DENIED, GRPC.UNAUTHENTICATED]);

/**
 * FleetError `temporal_refused` for an error that no waiting mends: a key or certificate that is missing, wrong or expired.
 * Undefined for any other, what a proxy says in place of the server included. Neither key nor certificate is in its message.
 */
export function refusalOf(error: unknown): FleetError | undefined {
  const text = textOf(error);
  if (/HTTP status/i.test(text)) return undefined;
  const known = REASONS.find(([pattern]) => pattern.test(text))?.[1];
  const reason =
    known ?? (REFUSED.has(grpcCodeOf(error)) ? 'it does not accept the key for this namespace' : undefined);
  return reason === undefined ? undefined : new FleetError('temporal_refused', { reason }, { cause: error });
}

function textOf(error: unknown): string {
  const messages: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) messages.push(at.message);
  return messages.join('\n');
}
