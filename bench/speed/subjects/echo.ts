import Echo from 'laravel-echo';
import { channels, count, KEY, type PeerSettings, openPusher } from './peers';
import type { OnItem } from './subject';

/** Laravel's client, which has pusher-js beneath. */
export function listenAsEcho({ url, lines }: PeerSettings, onItem: OnItem): void {
  const echo = new Echo({ broadcaster: 'pusher', client: openPusher(url), key: KEY, namespace: false });
  for (const channel of channels(lines)) {
    echo
      .private(channel.replace(/^private-/, ''))
      .listenToAll((event: string, data: unknown) => count(event.replace(/^\.+/, ''), data, onItem));
  }
}
