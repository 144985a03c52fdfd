import { ProtocolClient, type ProtocolServer, trigger } from '../protocol-client';

/** What a server does. Only what real servers are known to differ in may have two expectations. */
export interface ProtocolCase {
  readonly name: string;
  /** Returns what was seen, less what differs from run to run. */
  readonly steps: (server: ProtocolServer) => Promise<unknown>;
  readonly expected: { readonly both: unknown } | { readonly laravel: unknown; readonly soketi: unknown };
}

export const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';
export const SUBSCRIBED = { event: 'pusher_internal:subscription_succeeded', channel: CHANNEL };

/** Triggers events and returns the frames that came for them. */
export async function delivered(
  server: ProtocolServer,
  client: ProtocolClient,
  datas: readonly unknown[],
): Promise<unknown[]> {
  for (const data of datas) await trigger(server, { name: 'message', channel: CHANNEL, data });
  await trigger(server, { name: 'last', channel: CHANNEL, data: 'last' });
  return client.receiveUntil('last');
}

/** What is answered to a frame. */
export async function said(client: ProtocolClient, frame: unknown): Promise<unknown> {
  client.say(frame);
  return client.receive();
}

/** Runs steps on a socket that was greeted, and ends it. */
export async function connected<T>(
  server: ProtocolServer,
  steps: (client: ProtocolClient, socketId: string) => Promise<T>,
): Promise<T> {
  const { client, socketId } = await ProtocolClient.connect(server);
  return alone(client, () => steps(client, socketId));
}

/** Runs steps on a socket, and ends it. */
export async function alone<T>(client: ProtocolClient, steps: (client: ProtocolClient) => Promise<T>): Promise<T> {
  try {
    return await steps(client);
  } finally {
    client.end();
  }
}
