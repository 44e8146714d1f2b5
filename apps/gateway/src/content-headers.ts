/** A Content-Disposition that makes a browser save the file, whatever characters its name has. */
export function attachmentHeader(name: string): string {
  // Only what every client reads the same way goes into the plain form; the exact name follows in the encoded one.
  const plain = name.replaceAll(/[^A-Za-z0-9 ._()-]/g, '_');
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, percentEncoded);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

/** True when an If-None-Match header covers the tag, so that the bytes need not be sent again. */
export function matchesTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const sent = ifNoneMatch.split(',').map((candidate) => candidate.trim().replace(/^W\//, ''));
  return sent.includes('*') || sent.includes(tag);
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
