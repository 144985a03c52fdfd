import type { FileReference, Origin, Person } from './flow-message';
import { unixTimeOf } from './api/changed-chats';
import { CATALOGUE, isAlwaysOut, type CatalogueEntry } from './events/catalogue';
import type { Item } from './events/envelope';
import { idText } from './events/facts';
import { isRecord, isYes, type JsonRecord } from './events/json';

/** What flows need of an item, in the same form for all messengers. What the item does not say is absent. */
export type ItemFields = Pick<Origin, 'text' | 'from' | 'isGroup' | 'isEdited' | 'direction' | 'time' | 'file'>;

/** 9999-12-31, in unix seconds: ISO 8601 has four digits for the year. */
const MAX_TIME = 253_402_300_799;

/** The events whose items are messages. */
const MESSAGES: ReadonlySet<string> = new Set(
  CATALOGUE.filter(({ key }: CatalogueEntry) => key?.isEditable).map(({ name }) => name),
);

/** Adds what an item says to `fields`. This runs for each event. Never throws, whatever the item holds. */
export function addItemFields(fields: ItemFields, event: string, item: Item, messengerType = ''): void {
  const chat = isRecord(item.chat) ? item.chat : undefined;
  if (MESSAGES.has(event)) {
    const body = isRecord(item.message) ? item.message : undefined;
    fields.text = messageText(item);
    const file = fileOf(body?.file);
    if (file) fields.file = file;
    fields.isEdited = isEdited(event, item);
  }
  const { side, time } = item;
  const direction = isAlwaysOut(event) ? 'out' : side;
  if (direction === 'in' || direction === 'out') fields.direction = direction;
  const seconds = typeof time === 'number' && time <= MAX_TIME ? time : unixTimeOf(time);
  if (seconds !== undefined && seconds >= 0 && seconds <= MAX_TIME) {
    fields.time = new Date(seconds * 1_000).toISOString();
  }
  if (!chat) return;
  const isGroup = isGroupChat(chat);
  if (isGroup !== undefined) fields.isGroup = isGroup;
  const from = personOf(chat, isRecord(item.fromUser) ? item.fromUser : undefined, isGroup, messengerType);
  if (from) fields.from = from;
}

/** True for a message that comes again because it was edited. */
export function isEdited(event: string, { edited }: Item): boolean {
  // Other events name there who made a change.
  return MESSAGES.has(event) && isYes(edited);
}

/** True for an item of a chat with several people; false if ChatApp does not say so. */
export function isInGroup({ chat }: Item): boolean {
  return isRecord(chat) && isGroupChat(chat) === true;
}

/** Many events bring the id of a chat only. It identifies groups of WhatsApp and of Telegram bots. */
function isGroupChat({ type, id }: JsonRecord): boolean | undefined {
  if (type === 'private') return false;
  if (type === 'group') return true;
  const text = idText(id) ?? '';
  if (text.endsWith('@g.us') || /^-\d+$/.test(text)) return true;
  return text.endsWith('@c.us') ? false : undefined;
}

/** What a message says: its text, a file's caption, or else its type, such as `(image)`. */
export function messageText({ message, type }: Item): string {
  const body = isRecord(message) ? message : undefined;
  return wordsOf(body?.text) ?? wordsOf(body?.caption) ?? `(${wordsOf(type) ?? 'message'})`;
}

function fileOf(value: unknown): FileReference | undefined {
  const file: unknown = Array.isArray(value) ? value[0] : value;
  if (!isRecord(file)) return undefined;
  const url = wordsOf(file.link);
  if (url === undefined) return undefined;
  const found: FileReference = { url };
  const name = wordsOf(file.name);
  if (name !== undefined) found.name = name;
  const mimeType = wordsOf(file.mimeType) ?? wordsOf(file.contentType);
  if (mimeType !== undefined) found.mimeType = mimeType;
  return found;
}

/** In a group the person who wrote, if ChatApp says who that is; else the chat, which is named like the person. */
function personOf(
  chat: JsonRecord,
  user: JsonRecord | undefined,
  isGroup: boolean | undefined,
  messengerType: string,
): Person | undefined {
  const isUser = isGroup === true && user !== undefined;
  const source = isUser ? user : chat;
  // A reaction brings no more of a private chat than its id, but who reacted has a name.
  const more = !isGroup && user?.id === chat.id ? user : undefined;
  const person: Person = {};
  const name = wordsOf(source.name) ?? wordsOf(more?.name);
  if (name !== undefined) person.name = name;
  const isPerson = isUser || isGroup !== true;
  const phone = isPerson
    ? (phoneOf(source.phone) ?? phoneOf(more?.phone) ?? phoneOfId(source.id, messengerType))
    : undefined;
  if (phone !== undefined) person.phone = phone;
  const username = wordsOf(source.username) ?? wordsOf(more?.username);
  if (username !== undefined) person.username = username;
  const title = name ?? phone ?? idText(source.id);
  if (title === undefined) return undefined;
  person.title = title;
  return person;
}

/** A phone in E.164; ChatApp writes it as its digits. */
function phoneOf(value: unknown): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value);
  const digits = PLAIN_PHONE.test(text) ? text : text.replace(/[\s().+-]/g, '').replace(/^00/, '');
  return PLAIN_PHONE.test(digits) ? `+${digits}` : undefined;
}

/** A country code does not begin with 0, and a phone has at most 15 digits. */
const PLAIN_PHONE = /^[1-9]\d{6,14}$/;

/** The id of a WhatsApp chat is a phone, mostly with a domain: `77000000001@c.us`. Others, such as `…@lid`, are none. */
function phoneOfId(id: unknown, messengerType: string): string | undefined {
  const text = idText(id) ?? '';
  const digits = /^(\d+)(?::\d+)?@(?:c\.us|s\.whatsapp\.net)$/.exec(text)?.[1];
  if (digits !== undefined) return phoneOf(digits);
  return /whatsapp/i.test(messengerType) && PLAIN_PHONE.test(text) ? `+${text}` : undefined;
}

/** A text that says something; a number counts as one. */
function wordsOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}
