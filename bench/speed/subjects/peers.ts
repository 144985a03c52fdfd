import type Pusher from 'pusher-js';
import WebSocket from 'ws';
import { isRecord, parseJson } from '../../../simulator/json';
import { channelName } from '../../../src/events';
import { itemsIn, stockPusher } from '../../stock';
import { BEGIN, END, SHORT_FRAME } from '../generator/frames';
import { lineAddress } from '../generator/orders';
import type { OnItem, SubjectSettings } from './subject';

/** What a peer has to know. */
export type PeerSettings = Pick<SubjectSettings, 'url' | 'lines'>;

export const KEY = 'ChatsAppApiProdKey';

/** pusher-js as it is. */
export function listenAsPusher({ url, lines }: PeerSettings, onItem: OnItem): void {
  const pusher = openPusher(url);
  for (const channel of channels(lines)) {
    pusher.subscribe(channel).bind_global((event: string, data: unknown) => count(event, data, onItem));
  }
}

export function openPusher(url: string): Pusher {
  return stockPusher({ url, socketUrl: url.replace('http', 'ws'), appKey: KEY, accessToken: 'of the bench' });
}

/** The limit for events that are parsed: `ws`, and the two readings that no client can do without. */
export function listenAsParsedWs(settings: PeerSettings, onItem: OnItem): void {
  openWs(settings, (data) => {
    const frame = parseJson(data.toString());
    if (!isRecord(frame) || typeof frame.event !== 'string' || frame.event.startsWith('pusher')) return;
    count(frame.event, frame.data, onItem);
  });
}

/** The limit for the wire: `ws`, and nothing is read. */
export function listenAsUnparsedWs(settings: PeerSettings, onItem: OnItem): void {
  openWs(settings, (data) => {
    if (data.length > SHORT_FRAME) return onItem('');
    const text = data.toString();
    if (text.includes(BEGIN)) onItem(BEGIN);
    else if (text.includes(END)) onItem(END);
    else if (!text.includes('pusher')) onItem('');
  });
}

function openWs({ url, lines }: PeerSettings, onFrame: (data: Buffer) => void): void {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/app/${KEY}`, { perMessageDeflate: false });
  socket.on('open', () => {
    for (const channel of channels(lines)) {
      socket.send(JSON.stringify({ event: 'pusher:subscribe', data: { channel, auth: 'key:signature' } }));
    }
  });
  socket.on('message', onFrame);
}

/** As users of these clients do: each item of the envelope. */
export function count(event: string, data: unknown, onItem: OnItem): void {
  for (const item of itemsIn(data)) onItem(event, item);
}

export function channels(lines: number): string[] {
  return Array.from({ length: lines }, (_, line) => channelName(lineAddress(line)));
}
