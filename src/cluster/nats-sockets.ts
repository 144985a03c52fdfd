import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import type { NatsConnection } from '@nats-io/transport-node';
import { isRecord } from '../events/json';

/** Where Node.js announces each socket that is opened. */
const OPENED = 'net.client.socket';

/**
 * Settles as `run` does. If it rejects, the sockets that it has opened are closed: a failed `connect` of the client leaves
 * the socket to a server open that does not greet, and gives no access to it.
 */
export async function closingSockets<T>(run: () => Promise<T>): Promise<T> {
  const isOurs = new AsyncLocalStorage<true>();
  const sockets: Socket[] = [];
  const note = (opened: unknown): void => {
    if (isOurs.getStore() && isRecord(opened) && opened.socket instanceof Socket) sockets.push(opened.socket);
  };
  subscribe(OPENED, note);
  try {
    return await isOurs.run(true, run);
  } catch (error) {
    for (const socket of sockets) socket.destroy();
    throw error;
  } finally {
    unsubscribe(OPENED, note);
    isOurs.disable();
  }
}

/** Closes the connection, and the socket of a reconnect under way, which `close` leaves open if the server does not greet. */
export async function closeConnection(connection: NatsConnection): Promise<void> {
  await connection.close();
  const protocol = 'protocol' in connection ? connection.protocol : undefined;
  const transport = isRecord(protocol) ? protocol.transport : undefined;
  if (isDiscardable(transport)) transport.discard();
}

function isDiscardable(transport: unknown): transport is { discard(): void } {
  return isRecord(transport) && typeof transport.discard === 'function';
}
