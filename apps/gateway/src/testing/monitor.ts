/** A body of POST /v1/monitors that is right. */
export const MONITOR = {
  name: 'Tickets',
  query: 'Are there tickets for the play?',
  condition: 'Tickets can be bought',
  search: { provider: 'http', urls: ['https://example.com/'], contains: 'tickets' },
  cron: '0 9 * * 1-5',
} as const;
