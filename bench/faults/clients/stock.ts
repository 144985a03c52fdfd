import { itemsIn, stockPusher } from '../../stock';
import { numberIn } from '../numbers';
import type { ClientSettings, Tell } from './settings';

/** pusher-js as it is, used as ChatApp's help page shows it. The result ends it. */
export function listenAsStock(settings: ClientSettings, tell: Tell): () => Promise<void> {
  const pusher = stockPusher(settings);
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
