/**
 * Words and phrases that a prompt may not contain, by category. Written folded: lower case, no accents. Deliberately
 * short: each entry is one that has no everyday meaning, because a filter that refuses "naked mole rat" is turned off.
 */
export const DENY_LIST = {
  'sexual content': ['porn', 'porno', 'pornography', 'pornographic', 'hentai', 'nsfw', 'blowjob', 'gangbang'],
  'sexual content with minors': [
    'child porn',
    'child pornography',
    'child nude',
    'nude child',
    'naked child',
    'underage sex',
    'lolicon',
    'shotacon',
    'csam',
  ],
  gore: ['beheading', 'decapitation', 'dismemberment', 'disembowelment', 'gore', 'snuff film'],
  'violent extremism': ['isis propaganda', 'terrorist propaganda', 'nazi propaganda', 'white power', 'heil hitler'],
  'self-harm': ['suicide method', 'suicide methods', 'self harm', 'self mutilation', 'pro ana', 'thinspiration'],
} as const satisfies Record<string, readonly string[]>;
