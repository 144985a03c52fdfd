import { isRecord, parseJson } from '../../../simulator/json';
import { pusherFor, trigger } from '../protocol-client';
import { CHANNEL, connected, delivered, type ProtocolCase } from './case';

/** Events that come in over HTTP and go out to subscribers. */
export const TRIGGER_CASES: readonly ProtocolCase[] = [
  {
    name: 'delivers in order, and data as it came: JSON string, plain string, beyond ASCII, object',
    steps: (server) =>
      connected(server, async (client, socketId) => {
        await client.subscribe(server, socketId, CHANNEL);
        const frames = await delivered(server, client, ['{"a":"\\u0416\\/"}', 'plain', 'Жизнь 🌷 / "', { a: ['é'] }]);
        return frames.map((frame) => (isRecord(frame) ? frame.data : frame));
      }),
    expected: { both: ['{"a":"\\u0416\\/"}', 'plain', 'Жизнь 🌷 / "', { a: ['é'] }] },
  },
  {
    name: 'delivers an event just under its limit whole',
    steps: (server) =>
      connected(server, async (client, socketId) => {
        await client.subscribe(server, socketId, CHANNEL);
        const big = 'я'.repeat((server.dataLimit - 1024) / 2);
        const [frame] = await delivered(server, client, [big]);
        return isRecord(frame) && frame.data === big;
      }),
    expected: { both: true },
  },
  {
    name: 'refuses an event over its limit',
    steps: (server) =>
      trigger(server, { name: 'message', channel: CHANNEL, data: 'x'.repeat(server.dataLimit + 1024) }),
    expected: { laravel: { status: 413 }, soketi: { status: 200, code: 413 } },
  },
  {
    name: 'takes a signed trigger of the stock library',
    steps: async (server) => parseJson(await (await pusherFor(server).trigger(CHANNEL, 'message', { a: 1 })).text()),
    expected: { laravel: {}, soketi: { ok: true } },
  },
  {
    name: 'takes a signed batch of the stock library',
    steps: (server) =>
      connected(server, async (client, socketId) => {
        await client.subscribe(server, socketId, CHANNEL);
        const batch = ['one', 'two'].map((data) => ({ name: 'message', channel: CHANNEL, data }));
        const answer = parseJson(await (await pusherFor(server).triggerBatch(batch)).text());
        return [answer, await client.receive(), await client.receive()].map((one) =>
          isRecord(one) ? (one.data ?? one) : one,
        );
      }),
    expected: { laravel: [{}, 'one', 'two'], soketi: [{ ok: true }, 'one', 'two'] },
  },
  {
    // soketi puts the code into the body only.
    name: 'refuses a trigger that is signed with a wrong secret',
    steps: (server) => trigger({ ...server, secret: 'wrong' }, { name: 'message', channel: CHANNEL, data: 'x' }),
    expected: { laravel: { status: 401 }, soketi: { status: 200, code: 401 } },
  },
  {
    name: 'leaves the socket out that a trigger names',
    steps: (server) =>
      connected(server, async (client, socketId) => {
        await client.subscribe(server, socketId, CHANNEL);
        await pusherFor(server).trigger(CHANNEL, 'message', 'not for you', { socket_id: socketId });
        return delivered(server, client, []);
      }),
    expected: { both: [] },
  },
];
