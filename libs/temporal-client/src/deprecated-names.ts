/** Variables of a process, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

const RENAMED: Readonly<Record<string, string>> = {
  TEMPORAL_HOST: 'TEMPORAL_ADDRESS',
  TEMPORAL_CLIENT_CERT: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
  TEMPORAL_CLIENT_KEY: 'TEMPORAL_TLS_CLIENT_KEY_PATH',
  TEMPORAL_SERVER_CA: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
};

/**
 * The `TEMPORAL_*` variables that are set, the older names mapped to the new ones and reported. An empty variable counts
 * as unset, as container files pass those they have no value for; only an empty namespace is kept, to be refused.
 */
export function currentNames(env: Environment, warn: (line: string) => void): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('TEMPORAL_') || value === undefined) continue;
    if (value !== '' || name === 'TEMPORAL_NAMESPACE')
      variables[name] = name === 'TEMPORAL_API_KEY' ? value.trim() : value;
  }
  for (const [oldName, newName] of Object.entries(RENAMED)) {
    const value = variables[oldName];
    if (value === undefined) continue;
    warn(`${oldName} is deprecated: use ${newName}`);
    variables[newName] ??= value;
    delete variables[oldName];
  }
  return variables;
}
