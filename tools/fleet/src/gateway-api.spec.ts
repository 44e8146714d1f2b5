import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GatewayApi } from './gateway-api';

let other: Server;
let url: string;

beforeAll(async () => {
  other = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Another</title>');
  });
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
});
afterAll(() => other.close());

it('says that what answers is not the gateway, instead of what JSON.parse says', async () => {
  await expect(new GatewayApi({ FLEET_GATEWAY_URL: url }).json('GET', '/v1/jobs')).rejects.toMatchObject({
    code: 'not_a_gateway',
    message: `What answers at ${url} is not a fleet gateway: it sent text/html instead of JSON`,
  });
});
