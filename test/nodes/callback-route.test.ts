import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pass } from '../../nodes/chatapp-connection/callback-route';
import type { CallbackRequest, Webhook } from '../../src';

const ADDRESS = { secret: 'x', licenseId: '50101', messengerType: 'telegram' };

/** What a webhook is given as the body if `parse` has read the request before. */
async function bodyAfter(
  parse: (sent: Buffer) => unknown,
  sent: string,
  type = 'application/json',
): Promise<CallbackRequest['body'] | undefined> {
  let given: CallbackRequest['body'] | undefined;
  const webhook: Webhook = {
    callbacks: [],
    replace: () => Promise.resolve(false),
    renew: () => Promise.resolve(),
    answer: ({ body }) => {
      given = body;
      return Promise.resolve(200);
    },
  };
  const server = createServer((request, response) => {
    buffer(request)
      .then((bytes) => pass(webhook, ADDRESS, Object.assign(request, { body: parse(bytes) }), response))
      .catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { status } = await fetch(`http://127.0.0.1:${port}`, {
    method: 'POST',
    body: sent,
    headers: { 'content-type': type },
  });
  assert.equal(status, 200);
  server.closeAllConnections();
  await once(server.close(), 'close');
  return given;
}

describe('a callback whose body somebody has read before', () => {
  const ENVELOPE = { data: [{ id: '1' }], meta: { type: 'message' } };
  const DEEP: unknown = JSON.parse('['.repeat(20_000) + ']'.repeat(20_000));

  for (const [what, parsed] of [
    ['bytes', Buffer.from(JSON.stringify(ENVELOPE))],
    ['a text', JSON.stringify(ENVELOPE)],
    ['JSON', ENVELOPE],
    ['JSON nested 20,000 deep', DEEP],
  ] as const) {
    it(`hands ${what} on as the parser has left it`, async () => {
      const body = await bodyAfter(() => parsed, 'anything');
      assert.ok(body && 'parsed' in body);
      assert.equal(body.parsed, parsed);
    });
  }

  it('hands JSON that a parser for forms has taken apart on as something that is not JSON', async () => {
    const parseForm = (sent: Buffer): unknown => Object.fromEntries(new URLSearchParams(sent.toString()));
    const form = 'application/x-www-form-urlencoded';
    assert.deepEqual(await bodyAfter(parseForm, JSON.stringify(ENVELOPE), form), { parsed: 'a form' });
    assert.deepEqual(await bodyAfter(parseForm, '', form), { parsed: {} }, 'ChatApp tries an address with nothing');
  });
});
