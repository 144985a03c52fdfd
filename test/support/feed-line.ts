import type { ItemFilter } from '../../src/feed/listener';
import { FeedStage } from './feed-stage';
import { Heard } from './heard';

/** The channel of the line that these pieces are about. */
export const LINE = 'private-v1.licenses.50101.messengers.telegram';

/** A listener to the line. */
export const toLine = (filter: Partial<ItemFilter> = {}): Heard =>
  new Heard({ type: 'messenger', licenseId: '50101', messengerType: 'telegram' }, filter);

/** A stage on which the line is listened to. */
export async function listening(...all: Heard[]): Promise<FeedStage> {
  const stage = new FeedStage();
  for (const heard of all) stage.feed.add(heard);
  await stage.open();
  return stage;
}

/** An envelope of a fresh object each time, as off the wire. */
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
