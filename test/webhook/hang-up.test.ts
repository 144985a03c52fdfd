import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { pass } from '../../nodes/chatapp-connection/callback-route';
import type { Webhook } from '../../src';
import { systemClock, type Clock } from '../../src/clock';
import { WebhookReceiver } from '../../src/webhook/webhook-receiver';
import { FakeClock } from '../support/fake-clock';

const LINE = { licenseId: '50718', messengerType: 'telegram' } as const;
const SECRET = 'x'.repeat(43);
/** An event without id and time: only its answer tells a repeat from a second event. */
const BODY = '{"data":[{"chat":{"id":7}}],"meta":{"type":"chatRead"}}';
const REQUEST = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

describe('a webhook caller that hangs up and repeats its call', () => {
  let server: Server;
  let port: number;
  let deliveries: number;
  /** What a flow does with a delivery. */
  let onDelivery: () => void;

  const start = async (clock: Clock): Promise<void> => {
    deliveries = 0;
    onDelivery = () => undefined;
    const write = (): void => undefined;
    const receiver = new WebhookReceiver({
      secret: () => Promise.resolve(SECRET),
      ready: () => Promise.resolve(),
      isKnown: () => 'taken',
      onCallback: () => {
        deliveries += 1;
        onDelivery();
        return Promise.resolve('taken' as const);
      },
      clock,
      log: { debug: write, info: write, warn: write },
    });
    const webhook: Webhook = {
      callbacks: [],
      replace: () => Promise.resolve(false),
      renew: () => Promise.resolve(),
      answer: (request) => receiver.answer(request),
    };
    server = createServer((request, response) => void pass(webhook, { secret: SECRET, ...LINE }, request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    port = typeof address === 'object' && address ? address.port : 0;
  };
  /** A connection that the server has accepted. */
  const call = async (): Promise<Socket> => {
    const [socket] = await Promise.all([connected(connect(port, '127.0.0.1')), once(server, 'connection')]);
    return socket;
  };
  afterEach(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });

  it('delivers once if both calls wait while Node-RED is busy', async () => {
    await start(systemClock);
    const [first, repeat] = [await call(), await call()];
    // All in one turn of the event loop: the server reads both bodies before it reads that the first caller is gone.
    first.write(REQUEST);
    first.destroy();
    repeat.write(REQUEST);
    await once(repeat, 'data');
    assert.equal(deliveries, 1);
    repeat.destroy();
  });

  it('delivers once if the caller gives up while a flow keeps Node-RED busy', async () => {
    const clock = new FakeClock();
    await start(clock);
    const first = await call();
    const isBusy = new Promise<void>((resolve) => {
      onDelivery = () => {
        // Node-RED runs flows in a later turn; this one takes longer than an answer is held back.
        setImmediate(() => {
          first.destroy();
          void clock.stall(1_000).then(resolve);
        });
      };
    });
    first.write(REQUEST);
    await isBusy;
    const repeat = await call();
    const again = new Promise<void>((resolve) => (onDelivery = resolve));
    repeat.write(REQUEST);
    await Promise.race([once(repeat, 'data'), again]);
    assert.equal(deliveries, 1);
    repeat.destroy();
  });

  it('delivers twice if the first call was answered', async () => {
    await start(systemClock);
    for (const caller of [await call(), await call()]) {
      caller.write(REQUEST);
      await once(caller, 'data');
      caller.destroy();
    }
    assert.equal(deliveries, 2);
  });
});

async function connected(socket: Socket): Promise<Socket> {
  await once(socket, 'connect');
  return socket;
}
