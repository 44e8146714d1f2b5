import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApprovalRow } from '@fleet/store';
import { testScope } from '../test-scope';
import { createApprovalActivities } from '.';
import { createLogNotifier, createWebhookNotifier, notifiersFrom } from './notifiers';
import { createPolicy } from './policy';

const key = Buffer.alloc(32, 7);
const secret = `whsec_${key.toString('base64')}`;
const row: ApprovalRow = {
  id: 'apr_1',
  workflowId: 'order-1',
  runId: 'run-1',
  owner: 'ada',
  type: 'approval',
  action: 'payments.refund',
  summary: 'Refund 12 €',
  payload: { amount: 12 },
  confidence: null,
  risk: 'low',
  status: 'pending',
  outcome: null,
  createdAt: new Date(0),
  expiresAt: new Date(300_000),
  closedAt: null,
};

const seen: { headers: IncomingHttpHeaders; body: string }[] = [];
let answer: { status: number; headers?: Record<string, string> } = { status: 204 };
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      seen.push({ headers: request.headers, body });
      response.writeHead(answer.status, answer.headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?team=a`;
});
beforeEach(() => {
  seen.length = 0;
  answer = { status: 204 };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('a webhook is signed over id, time and body, and says which request it is', async () => {
  await createWebhookNotifier({ url, secret }).notify(row, testScope({ idempotencyKey: 'order-1/run-1/4' }));
  const [{ headers, body } = { headers: {}, body: '' }] = seen;
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  expect(headers).toMatchObject({ 'webhook-id': 'apr_1', 'idempotency-key': 'order-1/run-1/4' });
  expect(Math.abs(Number(headers['webhook-timestamp']) * 1000 - Date.now())).toBeLessThan(5000);
  expect(JSON.parse(body)).toMatchObject({
    type: 'approval.requested',
    data: { id: 'apr_1', payload: { amount: 12 } },
  });
});

test.each([
  [{ status: 500 }, 'webhook_refused'],
  [{ status: 404 }, 'webhook_refused'],
  [{ status: 302, headers: { location: 'http://169.254.169.254/' } }, 'too_many_redirects'],
])('an answer of %j is %s', async (next, code) => {
  answer = next;
  await expect(createWebhookNotifier({ url, secret }).notify(row, testScope())).rejects.toMatchObject({ code });
  expect(seen).toHaveLength(1);
});

test.each([
  [{ FLEET_APPROVAL_WEBHOOK_URL: 'ftp://x' }, 'FLEET_APPROVAL_WEBHOOK_SECRET'],
  [
    { FLEET_APPROVAL_WEBHOOK_URL: 'http://x', FLEET_APPROVAL_WEBHOOK_SECRET: 'whsec_c2hvcnQ=' },
    'whsec_ and the base64',
  ],
  [{ FLEET_APPROVAL_WEBHOOK_URL: 'ftp://x', FLEET_APPROVAL_WEBHOOK_SECRET: secret }, 'FLEET_APPROVAL_WEBHOOK_URL'],
  [{ FLEET_APPROVAL_WEBHOOK_URL: 'http://a:b@x', FLEET_APPROVAL_WEBHOOK_SECRET: secret }, 'FLEET_APPROVAL_WEBHOOK_URL'],
])('%j stops the process', (env, message) => {
  expect(() => notifiersFrom(env, () => undefined)).toThrow(message);
});

const askTemporal = async () => 'unknown' as const;

test('whoever was told in an attempt before is not told again, and nobody of a settled request', async () => {
  const lines: object[] = [];
  const notifiers = [createLogNotifier((line) => void lines.push(line)), createWebhookNotifier({ url, secret })];
  let current = row;
  const store = { approvals: { get: async () => current } } as never;
  const { notifyApproval } = createApprovalActivities({ store, policy: createPolicy([]), notifiers, askTemporal });
  answer = { status: 503 };
  const first = testScope();
  await expect(notifyApproval({ approvalId: 'apr_1' }, first)).rejects.toMatchObject({ code: 'webhook_refused' });
  answer = { status: 200 };
  await notifyApproval({ approvalId: 'apr_1' }, testScope({ attempt: 2, lastHeartbeat: first.beats.at(-1) }));
  expect([lines.length, seen.length]).toEqual([1, 2]);
  current = { ...row, status: 'approved' };
  await notifyApproval({ approvalId: 'apr_1' }, testScope());
  expect([lines.length, seen.length]).toEqual([1, 2]);
});
