/** What no log line may have. Each goes with every request of these specs, or is in every answer. */
export const SECRETS = {
  prompt: 'the-prompt-of-a-canary',
  /** The stand-in provider begins its answers with it. */
  answer: 'Stand-in answer',
  idempotencyKey: 'the-idempotency-key-of-a-canary',
  providerKey: 'the-provider-key-of-a-canary',
  token: 'the-token-of-a-canary',
} as const;

/** The lines that have one of them. */
export function linesWithSecrets(log: string): readonly string[] {
  return log.split('\n').filter((line) => Object.values(SECRETS).some((secret) => line.includes(secret)));
}
