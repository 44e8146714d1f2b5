import { FleetError } from '@fleet/errors';
import { parseAllowList } from './allow-list';
import { checkUrl } from './check-url';
import { shownUrl } from './refusal';
import type { UrlPolicy } from './policy';

const allowing = (text: string): UrlPolicy => ({ allow: parseAllowList(text, 'TEST_ALLOW') });

function ruleOf(url: string, policy: UrlPolicy): unknown {
  try {
    checkUrl(url, policy);
    return 'allowed';
  } catch (error) {
    return (error as FleetError).details['rule'];
  }
}

it.each([
  'https://example.com/path?q=1#part',
  'http://example.com:443/',
  'https://bücher.example/',
  'http://8.8.8.8/',
  'http://8.8.8.8:443/',
  'https://[2606:4700:4700::1111]/',
  'https://internal.example.com/',
  'https://example.com/a\u00e9?next=http://127.0.0.1\\',
])('lets %s through', (url) => {
  expect(checkUrl(url).href).toBe(new URL(url).href);
});

it('takes a URL as well as text', () => {
  expect(checkUrl(new URL('https://example.com/')).href).toBe('https://example.com/');
});

it.each([
  ['http://127.0.0.1:8080/', '127.0.0.1:8080', 'allowed'],
  ['http://127.0.0.1:8081/', '127.0.0.1:8080', 'loopback_address'],
  ['http://127.0.0.1/', '127.0.0.1:8080', 'loopback_address'],
  ['http://127.0.0.1/', '127.0.0.1', 'allowed'],
  ['http://127.0.0.1:8080/', '127.0.0.1', 'loopback_address'],
  ['http://10.1.2.3:8080/', 'a.example, 10.1.0.0/16:8080', 'allowed'],
  ['http://10.2.2.3:8080/', '10.1.0.0/16:8080', 'private_address'],
  ['http://[fd00::7]:8080/', '[fd00::/8]:8080', 'allowed'],
  ['http://[fd00::7]/', 'fd00::/8', 'allowed'],
  ['http://[::1]:9000/', '[::1]:9000', 'allowed'],
  ['http://[::ffff:127.0.0.1]/', '127.0.0.0/8', 'embedded_ipv4_address'],
  ['http://hooks.internal/', 'hooks.internal', 'allowed'],
  ['http://a.hooks.internal/', 'hooks.internal', 'local_name'],
  ['http://a.hooks.internal/', '*.hooks.internal', 'allowed'],
  ['http://hooks.internal/', '*.hooks.internal', 'local_name'],
  ['http://evilhooks.internal/', '*.hooks.internal', 'local_name'],
  ['http://HOOKS.internal/', 'Hooks.Internal', 'allowed'],
  ['http://postgres:5432/', 'postgres:5432', 'allowed'],
  ['http://169.254.169.254/', '169.254.0.0/16, 0.0.0.0/0', 'metadata_address'],
  ['http://169.254.169.254/', '169.254.169.254', 'allowed'],
  ['http://169.254.169.254/', '169.254.169.254:8080', 'metadata_address'],
  ['http://user@hooks.internal/', 'hooks.internal', 'credentials'],
  ['ftp://hooks.internal/', 'hooks.internal', 'scheme'],
])('%s under the allow-list %j: %s', (url, list, outcome) => {
  expect(ruleOf(url, allowing(list))).toBe(outcome);
});

it('takes other ports and schemes from the policy', () => {
  expect(ruleOf('http://example.com:8080/', { ports: [8080] })).toBe('allowed');
  expect(ruleOf('http://example.com/', { ports: [8080] })).toBe('port');
  expect(ruleOf('http://example.com/', { schemes: ['https'] })).toBe('scheme');
});

it.each([
  'a b',
  '10.0.0.0/33',
  '10.0.0.0/8/8',
  'a.example/8',
  'a.example?x',
  'a.example#x',
  'a%2eexample',
  '127.0.0.1:0',
  'a.example:70000',
  'a.example:x',
  '*',
  '*.',
  'http://a.example',
  '[::1',
  'a-',
])('refuses the allow-list entry %j, naming the variable', (entry) => {
  const error = { code: 'invalid_variable', details: expect.objectContaining({ variable: 'TEST_ALLOW', got: entry }) };
  expect(() => allowing(`example.com,${entry}`)).toThrow(expect.objectContaining(error));
});

it('shows no secret of a URL', () => {
  const secrets = [
    'http://user:hunter2@127.0.0.1/hunter2?key=hunter2#hunter2',
    'http://user:hunter2@:99999999/?hunter2',
    'ftp://user:hunter2@example.com/hunter2',
    'http:user:hunter2@[::1/hunter2',
    'user:hunter2@host name',
    '//user:hunter2@host:port:port',
    'http://a@b:hunter2@c:99999/',
    'http://user:hunter2?@host/',
    'data:text/hunter2',
  ];
  for (const url of secrets) {
    const error = (() => {
      try {
        return checkUrl(url);
      } catch (thrown) {
        return thrown as FleetError;
      }
    })();
    expect(error).toBeInstanceOf(FleetError);
    expect(JSON.stringify([error, (error as FleetError).message, shownUrl(url)])).not.toContain('hunter2');
  }
  expect(shownUrl('https://hooks.example/services/hunter2')).toBe('https://hooks.example/…');
});
