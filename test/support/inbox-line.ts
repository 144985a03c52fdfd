import type { ItemFilter } from '../../src/inbox/listener';
import { InboxHarness } from './inbox-harness';
import { ListenerSpy } from './listener-spy';

/** The channel of the line of these events. */
export const LINE = 'private-v1.licenses.50101.messengers.telegram';

/** A listener to the line. */
export const toLine = (filter: Partial<ItemFilter> = {}): ListenerSpy =>
  new ListenerSpy({ type: 'messenger', licenseId: '50101', messengerType: 'telegram' }, filter);

/** An inbox with an open socket and these listeners. */
export async function listening(...all: ListenerSpy[]): Promise<InboxHarness> {
  const harness = new InboxHarness();
  for (const spy of all) harness.inbox.add(spy);
  await harness.open();
  return harness;
}

/** An envelope: a new object each time, as if it came from the socket. */
export function envelope(...items: object[]): { data: object[]; meta: object } {
  return structuredClone({ data: items, meta: { type: 'message', licenseId: 50101, messengerType: 'telegram' } });
}

/** A message of a chat. */
export const message = (id: string, more: object = {}): object => ({
  id,
  time: 1_900_000_000,
  side: 'in',
  chat: { id: 7 },
  ...more,
});
