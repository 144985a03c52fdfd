import Pusher from 'pusher-js';
import { isRecord, parseJson } from '../simulator/json';

export interface StockSettings {
  /** Of the API, with `http:`. */
  readonly url: string;
  /** Of the sockets, with `ws:`. */
  readonly socketUrl: string;
  readonly appKey: string;
  readonly accessToken: string;
}

/** pusher-js as it is, set up as ChatApp's help page shows it. */
export function stockPusher({ url, socketUrl, appKey, accessToken }: StockSettings): Pusher {
  const { hostname, port } = new URL(socketUrl);
  return new Pusher(appKey, {
    cluster: '',
    wsHost: hostname,
    wsPort: Number(port),
    forceTLS: false,
    disableStats: true,
    enabledTransports: ['ws'],
    authEndpoint: `${url}/broadcasting/auth`,
    auth: { headers: { Authorization: accessToken } },
  });
}

/** The items in an event's data, as a user of pusher-js takes them out, after a look whether they are wrapped. */
export function itemsIn(data: unknown): readonly unknown[] {
  const value = typeof data === 'string' ? parseJson(data) : data;
  const envelope = isRecord(value) && isRecord(value.payload) ? value.payload : value;
  return isRecord(envelope) && Array.isArray(envelope.data) ? envelope.data : [];
}
