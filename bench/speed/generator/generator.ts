import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { isRecord, parseJson } from '../../../simulator/json';
import { answerRequests } from './api';
import { BEGIN, END, framesOf, signal, timedFrames } from './frames';
import { type GeneratorSettings, lineAddress, type Order } from './orders';
import { Notes } from './notes';

/** The first byte of a text frame that is whole. */
const FINAL_TEXT = 0x81;
/** How much is written in one go at least, in bytes. */
const CHUNK = 1024 * 1024;
/** In ms. */
const PACE_STEP = 5;

export interface Generator {
  /** Of API and sockets, with `http:`. */
  readonly url: string;
  obey(order: Order): Promise<object>;
}

/** A simulator of ChatApp that can do little, but is so fast that it is never what is measured. */
export async function startGenerator(settings: GeneratorSettings): Promise<Generator> {
  const notes = new Notes();
  const server = createServer(answerRequests(settings, notes));
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  let nextId = 1;
  let nextNumber = 1;
  /** Beneath the open sockets: a burst goes past `ws`, which would write each frame by itself and so be the slowest. */
  const streams = new Map<WebSocket, Socket>();
  sockets.on('connection', (socket, { socket: stream }) => {
    streams.set(socket, stream);
    socket.on('close', () => streams.delete(socket));
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
          const others = Array.from({ length: (order.lines ?? 1) - 1 }, (_, line) => lineAddress(line + 1));
          const frames = framesOf([address, ...others], order.mix, nextNumber, order.count);
          nextNumber += order.count;
          const wire = onTheWire([signal(address, BEGIN), ...frames, signal(address, END)]);
          await Promise.all([...streams.values()].map((stream) => writeAll(stream, wire)));
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
        case 'signal':
          sendToAll(signal(address, order.event));
          return {};
        case 'drop':
          notes.dropped();
          for (const socket of sockets.clients) socket.terminate();
          return {};
        case 'request-log':
          return { requestLog: notes.take() };
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

/**
 * Text frames of the WebSocket protocol as a server sends them, one behind the other in large chunks. A chunk ends where
 * a frame does: between two of them `ws` may write a pong.
 */
function onTheWire(frames: readonly string[]): Buffer[] {
  const chunks: Buffer[] = [];
  let parts: Buffer[] = [];
  let size = 0;
  const close = (): void => {
    chunks.push(Buffer.concat(parts));
    parts = [];
    size = 0;
  };
  for (const frame of frames) {
    const text = Buffer.from(frame);
    parts.push(headOf(text.length), text);
    size += text.length;
    if (size >= CHUNK) close();
  }
  close();
  return chunks;
}

function headOf(length: number): Buffer {
  const isLong = length > 0xffff;
  const head = length < 126 ? Buffer.alloc(2) : Buffer.alloc(isLong ? 10 : 4);
  head[0] = FINAL_TEXT;
  head[1] = length < 126 ? length : isLong ? 127 : 126;
  if (isLong) head.writeBigUInt64BE(BigInt(length), 2);
  else if (length >= 126) head.writeUInt16BE(length, 2);
  return head;
}

/** Resolves when all is on its way; never more than a chunk waits. */
async function writeAll(stream: Socket, chunks: readonly Buffer[]): Promise<void> {
  for (const chunk of chunks) {
    if (stream.destroyed) return;
    if (!stream.write(chunk)) await drained(stream);
  }
}

function drained(stream: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}
