import { createConnection, eventsOf } from '../../../src';
import { BEGIN, END } from '../generator/frames';
import { lineAddress } from '../generator/orders';
import type { OnItem, SubjectSettings } from './subject';

/** Texts go to so many chats in turns: within a chat one waits for another. */
const CHATS = 100;

/** This package's client alone, without Node-RED. The result sends so many texts, and gives how many were taken. */
export function listenAsOurs(
  { url, lines, wants, listeners, recover }: SubjectSettings,
  onItem: OnItem,
): (count: number) => Promise<number> {
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
  return async (count) => {
    const sends = Array.from({ length: count }, (_, number) => {
      const chat = { ...lineAddress(0), chatId: String(number % CHATS) };
      return connection.send({ chat, action: 'text', text: `Text ${number}`, markdown: false });
    });
    const sentTexts = await Promise.allSettled(sends);
    return sentTexts.filter(({ status }) => status === 'fulfilled').length;
  };
}

/**
 * Several listeners share the events among them, so that each event goes to one listener, however many there are. The
 * first has the signals too, so that they count once.
 */
function wanted(wants: SubjectSettings['wants'], listeners: number, listener: number): string[] {
  if (listeners === 1) return wants === 'all' ? [] : [BEGIN, END];
  const names = eventsOf('messenger').map(({ name }) => name);
  const own = names.filter((_, index) => index % listeners === listener);
  if (own.length === 0) return [`unknown listener ${listener}`];
  return listener === 0 ? [...own, BEGIN, END] : own;
}
