import WebSocket from 'ws';
import { isRecord, parseJson } from '../../simulator/json';
import { channelName } from '../../src/events';
import { itemsIn, stockPusher } from '../stock';
import { lineAddress } from './frames';
import { Meter } from './meter';

type OnItem = (event: string, item?: unknown) => void;

const CHANNEL = channelName(lineAddress(0));

/** The limit for events that are parsed: `ws`, and the two `JSON.parse` that no client can do without. */
export function listenWithWs(url: string, key: string, onItem: OnItem): WebSocket {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/app/${key}`, { perMessageDeflate: false });
  socket.on('open', () => {
    const data = { channel: CHANNEL, auth: 'key:signature' };
    socket.send(JSON.stringify({ event: 'pusher:subscribe', data }));
  });
  socket.on('message', (data: Buffer) => {
    const frame = parseJson(data.toString());
    if (!isRecord(frame) || typeof frame.event !== 'string' || frame.event.startsWith('pusher')) return;
    for (const item of itemsIn(frame.data)) onItem(frame.event, item);
  });
  return socket;
}

/** pusher-js as it is, set up as ChatApp's help page shows it. */
function listenWithPusher(url: string, key: string, onItem: OnItem): void {
  const settings = { url, socketUrl: url.replace('http', 'ws'), appKey: key, accessToken: 'of the bench' };
  stockPusher(settings)
    .subscribe(CHANNEL)
    .bind_global((event: string, data: unknown) => {
      for (const item of itemsIn(data)) onItem(event, item);
    });
}

/** As a program: a peer in a process of its own, without Node-RED, until its parent lets go of it. */
if (require.main === module) {
  const [, , key = '', url = ''] = process.argv;
  const { came } = new Meter();
  if (key === 'ws') listenWithWs(url, key, came);
  else listenWithPusher(url, key, came);
  process.stdin.resume().once('end', () => process.exit());
}
