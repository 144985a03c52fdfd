import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pass } from '../../nodes/chatapp-connection/callback-door';
import type { Webhook } from '../../src';

const ADDRESS = { secret: 'x', licenseId: '50101', messengerType: 'telegram' };

/** What a webhook reads where `parse` has read the body of the request before. */
async function readAfter(parse: (sent: Buffer) => unknown, sent: string): Promise<string> {
  let read = '';
  const webhook: Webhook = {
    callbacks: [],
    replace: () => Promise.resolve(false),
    answer: async ({ body }) => {
      read = (await buffer(body)).toString();
      return 200;
    },
  };
  const server = createServer((request, response) => {
    void buffer(request).then((bytes) =>
      pass(webhook, ADDRESS, Object.assign(request, { body: parse(bytes) }), response),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: sent });
  server.closeAllConnections();
  await once(server.close(), 'close');
  return read;
}

describe('a callback whose body somebody has read before', () => {
  const ENVELOPE = '{"data":[{"id":"1"}],"meta":{"type":"message"}}';
  for (const [what, parse] of [
    ['bytes', (sent: Buffer): unknown => sent],
    ['a text', (sent: Buffer): unknown => sent.toString()],
    ['JSON', (sent: Buffer): unknown => JSON.parse(sent.toString() || '{}')],
  ] as const) {
    it(`comes in as it was sent, left as ${what}`, async () => {
      assert.equal(await readAfter(parse, ENVELOPE), ENVELOPE);
      assert.match(await readAfter(parse, ''), /^(\{\})?$/);
    });
  }
});
