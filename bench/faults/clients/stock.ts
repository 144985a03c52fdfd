import Pusher from 'pusher-js';
import { parseJson, isRecord } from '../../../simulator/json';
import { numberIn } from '../numbers';
import type { ClientSettings, Tell } from './settings';

/** pusher-js as it is, used as ChatApp's help page shows it. The result ends it. */
export function listenAsStock({ url, socketUrl, ...settings }: ClientSettings, tell: Tell): () => Promise<void> {
  const { hostname, port } = new URL(socketUrl);
  const pusher = new Pusher(settings.appKey, {
    cluster: '',
    wsHost: hostname,
    wsPort: Number(port),
    forceTLS: false,
    disableStats: true,
    enabledTransports: ['ws'],
    authEndpoint: `${url}/broadcasting/auth`,
    auth: { headers: { Authorization: settings.accessToken } },
  });
  pusher.connection.bind('state_change', ({ current }: { current: string }) => {
    tell({ kind: 'state', isUp: current === 'connected' });
  });
  for (const channel of settings.channels) {
    pusher.subscribe(channel).bind_global((event: string, data: unknown) => {
      for (const item of itemsIn(data)) {
        const number = numberIn(event, item);
        if (number !== undefined) tell({ kind: 'came', number, at: Date.now() });
      }
    });
  }
  return () => {
    pusher.disconnect();
    return Promise.resolve();
  };
}

function itemsIn(data: unknown): readonly unknown[] {
  const value = typeof data === 'string' ? parseJson(data) : data;
  const envelope = isRecord(value) && isRecord(value.payload) ? value.payload : value;
  return isRecord(envelope) && Array.isArray(envelope.data) ? envelope.data : [];
}
