import type { ChannelType } from './channels';

/** How events are sorted in pickers and docs, in that order. */
export const EVENT_GROUPS = ['messages', 'chat', 'people', 'team', 'quickReplies'] as const;

export type EventGroup = (typeof EVENT_GROUPS)[number];

/** What there is to know about one event. */
export interface CatalogueEntry {
  /** The name under which ChatApp announces it. */
  readonly name: string;
  /** The types of channel on which it comes. */
  readonly channels: readonly ChannelType[];
  readonly group: EventGroup;
  /** One line for pickers and docs, at most 90 characters. */
  readonly meaning: string;
  /** Set where the `id` of an item is the id of a message. Elsewhere an `id` names something else, or there is none. */
  readonly idOf?: 'message';
  /**
   * Which way its items go: `item` if each item says so itself (its `side`), `out` if they are always about an outgoing
   * message. Absent for events that belong to neither direction.
   */
  readonly direction?: 'item' | 'out';
  /** Set where ChatApp keeps the items, so that missed ones can be fetched. */
  readonly hasHistory?: true;
  /** What identifies an item within its line. Absent if equal items may be different announcements. */
  readonly key?: KeyEntry;
}

/** Paths into an item: see `eventKeyOf`. */
export interface KeyEntry {
  /** Ids and times: an item without one of them has no key. */
  readonly ids: readonly string[];
  /** What also tells items apart, but may be missing. */
  readonly optionalIds?: readonly string[];
  /** Set if an item may be edited, and then comes again under its ids. */
  readonly isEditable?: true;
}

const MESSAGE_KEY = { ids: ['chat.id', 'id'], isEditable: true } as const;

const CHAT_CHANNELS = ['messenger', 'employee'] as const;

/**
 * The one list of ChatApp's events, in the order of its documentation. Types, pickers, docs and samples follow from
 * it: to add an event, add its entry here, and the compiler and the tests name what else is wanted.
 */
export const CATALOGUE = [
  {
    name: 'message',
    channels: CHAT_CHANNELS,
    group: 'messages',
    idOf: 'message',
    meaning: 'A message came in or went out, or one was edited',
    direction: 'item',
    hasHistory: true,
    key: MESSAGE_KEY,
  },
  {
    name: 'messageSystem',
    channels: CHAT_CHANNELS,
    group: 'messages',
    idOf: 'message',
    meaning: 'ChatApp wrote a note into a chat, for instance about a new responsible employee',
    direction: 'item',
    hasHistory: true,
    key: MESSAGE_KEY,
  },
  {
    name: 'messageStatus',
    channels: CHAT_CHANNELS,
    group: 'messages',
    idOf: 'message',
    meaning: 'An outgoing message was sent, delivered or viewed, or it failed',
    direction: 'out',
    key: { ids: ['chat.id', 'id', 'type', 'time'] },
  },
  {
    name: 'messageDestroy',
    channels: CHAT_CHANNELS,
    group: 'messages',
    idOf: 'message',
    meaning: 'A message was deleted from its chat',
    key: { ids: ['chat.id', 'id'] },
  },
  {
    name: 'messageReaction',
    channels: CHAT_CHANNELS,
    group: 'messages',
    idOf: 'message',
    meaning: 'Someone put a reaction on a message or took it back',
    key: { ids: ['chat.id', 'id', 'time', 'action'], optionalIds: ['reaction', 'fromUser.id'] },
  },
  {
    name: 'chatTag',
    channels: CHAT_CHANNELS,
    group: 'chat',
    meaning: 'A chat got a tag or lost one',
  },
  {
    name: 'chatStatus',
    channels: CHAT_CHANNELS,
    group: 'chat',
    meaning: 'A chat was opened or closed',
  },
  {
    name: 'chatResponsible',
    channels: CHAT_CHANNELS,
    group: 'people',
    meaning: 'Another employee became responsible for a chat',
  },
  {
    name: 'chatResponsiblePin',
    channels: CHAT_CHANNELS,
    group: 'people',
    meaning: 'The responsible employee was pinned to a chat or unpinned',
  },
  {
    name: 'chatProducer',
    channels: CHAT_CHANNELS,
    group: 'people',
    meaning: 'A chat got another producer',
  },
  {
    name: 'chatAccomplice',
    channels: CHAT_CHANNELS,
    group: 'people',
    meaning: 'An employee joined a chat as accomplice or left it',
  },
  {
    name: 'chatAuditor',
    channels: CHAT_CHANNELS,
    group: 'people',
    meaning: 'An employee started or stopped watching a chat as auditor',
  },
  {
    name: 'chatLevel',
    channels: CHAT_CHANNELS,
    group: 'chat',
    meaning: 'A chat moved to another level',
  },
  {
    name: 'chatConversation',
    channels: CHAT_CHANNELS,
    group: 'chat',
    meaning: 'A 24-hour conversation window opened (WhatsApp only)',
    key: { ids: ['chat.id', 'conversation.id', 'conversation.startTime', 'conversation.endTime'] },
  },
  {
    name: 'chatRead',
    channels: CHAT_CHANNELS,
    group: 'chat',
    meaning: 'All messages of a chat count as read',
  },
  {
    name: 'chatUnread',
    channels: CHAT_CHANNELS,
    group: 'chat',
    meaning: 'A chat was put back among the unread ones',
  },
  {
    name: 'chatProcess',
    channels: CHAT_CHANNELS,
    group: 'chat',
    meaning: 'Work on a chat began or ended',
  },
  {
    name: 'chatParticipantAdd',
    channels: CHAT_CHANNELS,
    group: 'people',
    meaning: 'People joined a group chat (telegram and telegramBot only)',
  },
  {
    name: 'chatParticipantDestroy',
    channels: CHAT_CHANNELS,
    group: 'people',
    meaning: 'People left a group chat (telegram and telegramBot only)',
  },
  {
    name: 'chatComment',
    channels: CHAT_CHANNELS,
    group: 'chat',
    meaning: 'The internal comment on a chat changed',
  },
  {
    name: 'chatConsentSendMessage',
    channels: CHAT_CHANNELS,
    group: 'chat',
    meaning: 'The customer may now be written to, or may not any more',
  },
  {
    name: 'chatArchive',
    channels: CHAT_CHANNELS,
    group: 'chat',
    meaning: 'A chat went into the archive or came back from it',
  },
  {
    name: 'chatCustomField',
    channels: CHAT_CHANNELS,
    group: 'chat',
    meaning: 'A custom field of a chat got another value',
  },
  {
    name: 'chatRename',
    channels: CHAT_CHANNELS,
    group: 'chat',
    meaning: 'A chat got another name',
  },
  {
    name: 'chatFunnelStage',
    channels: CHAT_CHANNELS,
    group: 'chat',
    meaning: 'A chat moved to another stage of the sales funnel',
  },
  {
    name: 'employeeStatus',
    channels: ['company'],
    group: 'team',
    meaning: 'An employee came online or went offline',
  },
  {
    name: 'employeeWorkday',
    channels: ['company'],
    group: 'team',
    meaning: 'An employee started or ended the working day',
  },
  {
    name: 'messageImport',
    channels: ['company'],
    group: 'messages',
    meaning: 'A task that loads older messages of a chat moved on, ended or failed',
    key: { ids: ['id', 'status', 'time'] },
  },
  {
    name: 'quickResponseList',
    channels: ['user'],
    group: 'quickReplies',
    meaning: 'A list of quick responses was made, edited or deleted',
  },
  {
    name: 'quickResponse',
    channels: ['user'],
    group: 'quickReplies',
    meaning: 'One or several quick responses were made, edited or deleted',
  },
] as const satisfies readonly CatalogueEntry[];

/** The name of an event that this package knows. ChatApp may add others at any time. */
export type EventName = (typeof CATALOGUE)[number]['name'];

const NAMES: ReadonlySet<string> = new Set(CATALOGUE.map((entry) => entry.name));

/** The events that come on channels of a type, in catalogue order. */
export function eventsOf(channelType: ChannelType): readonly CatalogueEntry[] {
  const entries: readonly CatalogueEntry[] = CATALOGUE;
  return entries.filter((entry) => entry.channels.includes(channelType));
}

/** Whether the catalogue lists an event of this name. Others are delivered all the same. */
export function isKnownEvent(name: string): name is EventName {
  return NAMES.has(name);
}

const ALWAYS_OUT: ReadonlySet<string> = new Set(
  CATALOGUE.filter((entry: CatalogueEntry) => entry.direction === 'out').map(({ name }) => name),
);

/** True for an event whose items are always about outgoing messages, without saying so. */
export function isAlwaysOut(name: string): boolean {
  return ALWAYS_OUT.has(name);
}

const WITH_HISTORY: ReadonlySet<string> = new Set(
  CATALOGUE.filter((entry: CatalogueEntry) => entry.hasHistory).map(({ name }) => name),
);

/** True for an event whose items can be fetched when they were missed. */
export function hasHistory(name: string): boolean {
  return WITH_HISTORY.has(name);
}
