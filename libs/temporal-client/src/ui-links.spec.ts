import { isCloudAddress } from './cloud';
import { uiLinksFrom } from './ui-links';

const HERE = { TEMPORAL_ADDRESS: '127.0.0.1:7233', FLEET_TEMPORAL_UI_URL: 'http://127.0.0.1:8233/' };

it('leads to the page of a run and of a schedule, whatever their ids hold', () => {
  const links = uiLinksFrom(HERE);
  expect(links.workflow('a/b c', 'r')).toBe('http://127.0.0.1:8233/namespaces/default/workflows/a%2Fb%20c/r/history');
  expect(links.schedule('daily')).toBe('http://127.0.0.1:8233/namespaces/default/schedules/daily');
  const below = { ...HERE, TEMPORAL_NAMESPACE: 'n', FLEET_TEMPORAL_UI_URL: 'https://ops.example.com/temporal' };
  expect(uiLinksFrom(below).schedule('s')).toBe('https://ops.example.com/temporal/namespaces/n/schedules/s');
});

it.each([
  ['torale-prod.abc123.tmprl.cloud:7233', 'https://cloud.temporal.io/namespaces/torale-prod.abc123/schedules/s'],
  ['us-central1.gcp.api.temporal.io:7233', 'https://cloud.temporal.io/namespaces/torale-prod.abc123/schedules/s'],
  ['temporal:7233', null],
  ['tmprl.cloud.example.com:7233', null],
  ['nottmprl.cloud:7233', null],
])('without the variable, %s leads to %s', (address, url) => {
  const env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'torale-prod.abc123', TEMPORAL_API_KEY: 'key' };
  expect(uiLinksFrom(env).schedule('s')).toBe(url);
  expect(uiLinksFrom(env).workflow('w', 'r') === null).toBe(url === null);
  expect(isCloudAddress(address)).toBe(url !== null);
});

it.each(['localhost:8233', 'ftp://ui', 'http://me:secret@ui', 'http://ui/?a=1', 'http://ui/#x'])(
  'refuses %s',
  (text) => {
    const run = (): unknown => uiLinksFrom({ ...HERE, FLEET_TEMPORAL_UI_URL: text });
    expect(run).toThrow('FLEET_TEMPORAL_UI_URL must be');
    expect(run).not.toThrow(/secret/);
  },
);
