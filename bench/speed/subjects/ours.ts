import { createConnection, eventsOf } from '../../../src';
import { BEGIN, END } from '../generator/frames';
import { lineAddress } from '../generator/orders';
import type { OnItem, SubjectSettings } from './subject';

/** This package's client alone, without Node-RED. */
export function listenAsOurs({ url, lines, wants, listeners, recover }: SubjectSettings, onItem: OnItem): void {
  const connection = createConnection({
    apiUrl: url,
    socketUrl: url.replace('http', 'ws'),
    credentials: { kind: 'token', accessToken: 'of the bench' },
    recoverHours: recover ? 24 : 0,
    onError: (error) => console.error(error.message),
  });
  for (let line = 0; line < lines; line += 1) {
    for (let listener = 0; listener < listeners; listener += 1) {
      connection.listen({
        id: `${line} ${listener}`,
        channel: lineAddress(line),
        events: wanted(wants, listeners, listener),
        direction: 'any',
        onItem: ({ event, item }) => onItem(event, item),
        onStatus: () => undefined,
        onError: (error) => console.error(error.message),
      });
    }
  }
}

/** With several listeners each has one event of its own; the first has the signals too, so that they count once. */
function wanted(wants: SubjectSettings['wants'], listeners: number, listener: number): string[] {
  if (listeners === 1) return wants === 'all' ? [] : [BEGIN, END];
  const names = eventsOf('messenger').map(({ name }) => name);
  const own = names[listener] ?? `unheard of ${listener}`;
  return listener === 0 ? [own, BEGIN, END] : [own];
}
