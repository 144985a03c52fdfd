import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { isRecord } from '../events/json';

/** Where Node.js tells of each socket that is opened. */
const OPENED = 'net.client.socket';

/**
 * Settles as `run` does, and closes whatever sockets it has opened by then. nats.js gives a server that does not greet
 * up without closing the socket to it, and tells nobody of it.
 */
export async function withoutSockets<T>(run: () => Promise<T>): Promise<T> {
  const isOurs = new AsyncLocalStorage<true>();
  const sockets: Socket[] = [];
  const note = (told: unknown): void => {
    if (isOurs.getStore() && isRecord(told) && told.socket instanceof Socket) sockets.push(told.socket);
  };
  subscribe(OPENED, note);
  try {
    return await isOurs.run(true, run);
  } finally {
    unsubscribe(OPENED, note);
    isOurs.disable();
    for (const socket of sockets) socket.destroy();
  }
}
