import { trigger } from '../protocol-client';
import { CHANNEL, connected, delivered, type ProtocolCase, said, SUBSCRIBED } from './case';

const BAD_AUTH: readonly (readonly [what: string, auth: object])[] = [
  ['a bad signature', { auth: 'key:0123' }],
  ['no signature', {}],
];

/** Subscribing and unsubscribing. */
export const CHANNEL_CASES: readonly ProtocolCase[] = [
  {
    name: 'accepts a subscription with a good signature',
    steps: (server) => connected(server, (client, socketId) => client.subscribe(server, socketId, CHANNEL)),
    expected: { both: SUBSCRIBED },
  },
  {
    name: 'accepts a subscription to a public channel without a signature',
    steps: (server) =>
      connected(server, (client) => said(client, { event: 'pusher:subscribe', data: { channel: 'public' } })),
    expected: { both: { event: 'pusher_internal:subscription_succeeded', channel: 'public' } },
  },
  ...BAD_AUTH.map(([what, auth]): ProtocolCase => ({
    name: `refuses a subscription with ${what}, stays open and delivers nothing`,
    steps: (server) =>
      connected(server, async (client) => {
        const data = { channel: CHANNEL, ...auth };
        const refused = await said(client, { event: 'pusher:subscribe', data });
        await trigger(server, { name: 'message', channel: CHANNEL, data: 'secret' });
        return [refused, ...(await client.receiveAll())];
      }),
    expected: {
      laravel: [{ event: 'pusher:error', data: { message: 'Invalid Signature', code: 4009 } }],
      soketi: [
        {
          event: 'pusher:subscription_error',
          channel: CHANNEL,
          data: { type: 'AuthError', error: 'The connection is unauthorized.', status: 401 },
        },
      ],
    },
  })),
  {
    name: 'succeeds again when subscribed twice, and delivers events once',
    steps: (server) =>
      connected(server, async (client, socketId) => {
        const first = await client.subscribe(server, socketId, CHANNEL);
        const second = await client.subscribe(server, socketId, CHANNEL);
        return [first, second, ...(await delivered(server, client, ['once']))];
      }),
    expected: {
      both: [SUBSCRIBED, SUBSCRIBED, { event: 'message', channel: CHANNEL, data: 'once' }],
    },
  },
  {
    name: 'delivers nothing after an unsubscription, which it does not confirm',
    steps: (server) =>
      connected(server, async (client, socketId) => {
        await client.subscribe(server, socketId, CHANNEL);
        client.say({ event: 'pusher:unsubscribe', data: { channel: CHANNEL } });
        const confirmed = await client.receiveAll();
        await trigger(server, { name: 'message', channel: CHANNEL, data: 'late' });
        return [...confirmed, ...(await client.receiveAll())];
      }),
    expected: { both: [] },
  },
];
