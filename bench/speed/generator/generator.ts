import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { isRecord, parseJson } from '../../../simulator/json';
import { answerRequests } from './api';
import { BEGIN, END, framesOf, signal, timedFrames } from './frames';
import { type GeneratorSettings, lineAddress, type Order } from './orders';
import { Notes } from './notes';

/** What may wait in a socket before more is written to it, in bytes: enough that it never runs dry. */
const IN_FLIGHT = 4 * 1024 * 1024;
/** In ms. */
const PACE_STEP = 5;

export interface Generator {
  /** Of API and sockets, with `http:`. */
  readonly url: string;
  obey(order: Order): Promise<object>;
}

/** A stand-in for ChatApp that can do little, but that fast: it is never what is measured. */
export async function startGenerator(settings: GeneratorSettings): Promise<Generator> {
  const notes = new Notes();
  const server = createServer(answerRequests(settings, notes));
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  let nextId = 1;
  let nextNumber = 1;
  sockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => obeyClient(socket, parseJson(data.toString()), notes));
    const data = JSON.stringify({ socket_id: `${nextId++}.1`, activity_timeout: 30 });
    socket.send(JSON.stringify({ event: 'pusher:connection_established', data }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const address = lineAddress(0);
  const sendToAll = (frame: string): void => sockets.clients.forEach((socket) => socket.send(frame));

  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    async obey(order) {
      switch (order.kind) {
        case 'burst': {
          const frames = framesOf(address, order.mix, nextNumber, order.count);
          nextNumber += order.count;
          sendToAll(signal(address, BEGIN));
          for (const frame of frames) {
            sendToAll(frame);
            if (isFull(sockets.clients)) await drained(sockets.clients);
          }
          sendToAll(signal(address, END));
          return {};
        }
        case 'pace': {
          const make = timedFrames(address);
          sendToAll(signal(address, BEGIN));
          const begun = performance.now();
          const total = order.perSecond * order.seconds;
          for (let sent = 0; sent < total;) {
            const due = Math.min(total, Math.floor(((performance.now() - begun) / 1_000) * order.perSecond));
            for (; sent < due; sent += 1) sendToAll(make(nextNumber++, Number(process.hrtime.bigint() / 1_000n)));
            await wait(PACE_STEP);
          }
          sendToAll(signal(address, END));
          return {};
        }
        case 'drop':
          for (const socket of sockets.clients) socket.terminate();
          return {};
        case 'journal':
          return { journal: notes.take() };
      }
    },
  };
}

/** Everyone may join everything: what it costs to check signatures is none of a client's business. */
function obeyClient(socket: WebSocket, frame: unknown, notes: Notes): void {
  if (!isRecord(frame)) return;
  if (frame.event === 'pusher:ping') return socket.send('{"event":"pusher:pong","data":"{}"}');
  const channel = isRecord(frame.data) ? frame.data.channel : undefined;
  if (frame.event !== 'pusher:subscribe' || typeof channel !== 'string') return;
  notes.subscribed(channel);
  socket.send(JSON.stringify({ event: 'pusher_internal:subscription_succeeded', channel, data: '{}' }));
}

function isFull(sockets: ReadonlySet<WebSocket>): boolean {
  return [...sockets].some((socket) => socket.bufferedAmount > IN_FLIGHT);
}

async function drained(sockets: ReadonlySet<WebSocket>): Promise<void> {
  while ([...sockets].some((socket) => socket.bufferedAmount > IN_FLIGHT / 2)) await wait(1);
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}
