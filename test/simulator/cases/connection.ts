import { once } from 'node:events';
import { isRecord, parseJson } from '../../../simulator/json';
import { ProtocolClient } from '../protocol-client';
import { upgradeStatus } from '../upgrade';
import { alone, connected, type ProtocolCase, said } from './case';

const SILENCE: readonly (readonly [what: string, frame: unknown])[] = [
  ['an unknown pusher event', { event: 'pusher:hello', data: {} }],
  ['an empty object', {}],
  ['text that is no JSON', 'good morning'],
  ['a number', '5'],
  ['null', 'null'],
  ['an array', '[1]'],
  ['an event that is a number', { event: 5 }],
];

/** Opening a socket, staying, and talking nonsense. */
export const CONNECTION_CASES: readonly ProtocolCase[] = [
  {
    name: 'greets with a JSON string that holds the socket id and the activity timeout',
    steps: (server) => alone(new ProtocolClient(server), async (client) => withoutId(await client.receive())),
    expected: {
      both: { event: 'pusher:connection_established', data: { socket_id: 'two numbers', activity_timeout: 30 } },
    },
  },
  {
    name: 'gives every socket an id of its own',
    steps: async (server) => {
      const all = await Promise.all([1, 2, 3, 4].map(() => ProtocolClient.connect(server)));
      for (const { client } of all) client.end();
      return new Set(all.map(({ socketId }) => socketId)).size;
    },
    expected: { both: 4 },
  },
  {
    name: 'answers a ping',
    steps: (server) => connected(server, (client) => said(client, { event: 'pusher:ping', data: {} })),
    expected: { laravel: { event: 'pusher:pong' }, soketi: { event: 'pusher:pong', data: {} } },
  },
  {
    name: 'answers a ping in a binary frame too',
    steps: (server) =>
      connected(server, (client) => {
        client.ws.send(Buffer.from('{"event":"pusher:ping"}'));
        return client.receive();
      }),
    expected: { laravel: { event: 'pusher:pong' }, soketi: { event: 'pusher:pong', data: {} } },
  },
  ...SILENCE.map(([what, frame]): ProtocolCase => ({
    name: `meets ${what} with silence and stays open`,
    steps: (server) =>
      connected(server, (client) => {
        client.say(frame);
        return client.receiveAll();
      }),
    expected: { both: [] },
  })),
  {
    name: 'refuses an unknown app key',
    steps: (server) =>
      alone(new ProtocolClient(server, '/app/NoSuchKey'), async (client) => {
        // Asked at once: a server that closes may do so before the frame is read.
        const end = once(client.ws, 'message').then(() => client.closeCode());
        return [await client.receive(), (await end) ?? 'stays open'];
      }),
    expected: {
      laravel: [
        { event: 'pusher:error', data: { message: 'Could not find app key `NoSuchKey`.', code: 4001 } },
        'stays open',
      ],
      soketi: [{ event: 'pusher:error', data: { code: 4001, message: 'App key NoSuchKey does not exist.' } }, 4001],
    },
  },
  {
    name: 'answers 404 to an upgrade on an unknown path',
    steps: (server) => Promise.all(['/nope', '/app', '/app/', '/app/a/b'].map((path) => upgradeStatus(server, path))),
    expected: { both: [404, 404, 404, 404] },
  },
  {
    name: 'answers a client that asks for no upgrade',
    steps: async (server) => (await fetch(`${server.url}/app/${server.appKey}`)).status,
    expected: { laravel: 426, soketi: 404 },
  },
  {
    name: 'does not negotiate permessage-deflate',
    steps: (server) => connected(server, (client) => Promise.resolve(client.ws.extensions)),
    expected: { both: '' },
  },
];

/** A greeting with its data parsed and its id replaced by what it looks like. */
function withoutId(frame: unknown): unknown {
  if (!isRecord(frame) || typeof frame.data !== 'string') return frame;
  const data = parseJson(frame.data);
  const isId = isRecord(data) && typeof data.socket_id === 'string' && /^\d+\.\d+$/.test(data.socket_id);
  return { ...frame, data: isId ? { ...data, socket_id: 'two numbers' } : data };
}
