import { CATALOGUE, type CatalogueEntry } from './catalogue';
import type { Item, Meta } from './envelope';
import { isRecord } from './json';

/** What a listener wants to know of any item. What the item does not tell is left out. */
export interface ItemFacts {
  readonly chatId?: string;
  /** The message that the item is, or is about. */
  readonly messageId?: string;
  /** `in` from the customer, `out` to the customer. */
  readonly side?: string;
  /** What sent the message or made the change: `app_…` for an app of an account, or a name such as `bitrix`. */
  readonly fromAppId?: string;
}

/** Where an envelope comes from. What its meta does not tell is left out. */
export interface MetaFacts {
  readonly licenseId?: string;
  readonly messengerType?: string;
  readonly companyId?: string;
  readonly userId?: string;
}

/**
 * Reads an item of the event `event`. Ids that came as numbers become strings. `messageId` is given only for events
 * whose items carry a message's id; for an event that the catalogue does not list, nobody knows what an `id` means.
 */
export function itemFacts(event: string, item: Item): ItemFacts {
  const facts: Writable<ItemFacts> = {};
  const chatId = idWithin(item.chat);
  if (chatId !== undefined) facts.chatId = chatId;
  const messageId = WITH_MESSAGE_ID.has(event) ? idText(item.id) : undefined;
  if (messageId !== undefined) facts.messageId = messageId;
  const side = item.side;
  if (typeof side === 'string' && side !== '') facts.side = side;
  const fromAppId = idWithin(item.fromApp);
  if (fromAppId !== undefined) facts.fromAppId = fromAppId;
  return facts;
}

/**
 * Reads the meta of an envelope, which adds to what is `known` and outdoes it. ChatApp sends the ids as numbers or as
 * strings; here all are strings.
 */
export function metaFacts(meta: Meta, known?: MetaFacts): MetaFacts {
  const facts: Writable<MetaFacts> = {};
  // This runs for each event: one field after the other costs a fraction of what a loop does.
  const licenseId = idText(meta.licenseId) ?? known?.licenseId;
  if (licenseId !== undefined) facts.licenseId = licenseId;
  const messengerType = idText(meta.messengerType) ?? known?.messengerType;
  if (messengerType !== undefined) facts.messengerType = messengerType;
  const companyId = idText(meta.companyId) ?? known?.companyId;
  if (companyId !== undefined) facts.companyId = companyId;
  const userId = idText(meta.userId) ?? known?.userId;
  if (userId !== undefined) facts.userId = userId;
  return facts;
}

/** What is still being put together. */
export type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

const WITH_MESSAGE_ID: ReadonlySet<string> = new Set(
  CATALOGUE.filter((entry: CatalogueEntry) => entry.idOf === 'message').map((entry) => entry.name),
);

function idWithin(owner: unknown): string | undefined {
  return isRecord(owner) ? idText(owner.id) : undefined;
}

/**
 * An id or a time as text, whether it came as number or as text; `undefined` if it is none. A number beyond the safe
 * integers has lost its last digits, so it would name something else: it counts as none.
 */
export function idText(value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}
