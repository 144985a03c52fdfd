/**
 * The types of what the ChatApp nodes send, as the code editor of Node-RED's function node knows them: a copy of the
 * published declarations without imports. Written by "npm run docs".
 */

declare namespace ChatApp {
  /** The name of an event. */
  export type EventName = keyof ItemOf;

  /**
   * The `msg` that a listener node sends. `FlowMessage<'message'>` is that of one event; `FlowMessage` alone is any of
   * them, distinguished by `topic`. Events that this package does not know come as well, with a `topic` of their own.
   */
  export type FlowMessage<Name extends EventName = EventName> = { [Event in Name]: MessageOf<Event> }[Name];

  interface MessageOf<Event extends EventName> {
    /** The event's name, such as `message`. */
    topic: Event;
    /** The item, exactly as ChatApp sent it. */
    payload: ItemOf[Event];
    chatapp: Origin<Event>;
    /** Only if one delivery held several items, and no other Node-RED shares the work: for a Join node. */
    parts?: Parts;
  }

  /** Where an item comes from, and what flows need of it: `msg.chatapp`. Ids are texts. What ChatApp does not say is absent. */
  export interface Origin<Event extends string = string> {
    /** The event's name once more. */
    event: Event;
    /** The channel on which it came, such as `private-v1.users.7001`. */
    channel: string;
    /** The line, which ChatApp calls licence. */
    licenseId?: string;
    /** The messenger, such as `grWhatsApp`, `caWhatsApp`, `telegram`, `instagram`. */
    messengerType?: string;
    /** The company. */
    companyId?: string;
    /** The user. */
    userId?: string;
    /** The chat. */
    chatId?: string;
    /** The message that the item is, or is about; unique only within its chat. */
    messageId?: string;
    /** Line, messenger and chat as one text, for context keys and topics. */
    chatKey?: string;
    /** What a message says: its text, or its file's caption, else its type, such as `(image)`; absent for other events. */
    text?: string;
    /** The person in the chat; in a group, who wrote. */
    from?: Person;
    /** What the account calls the line; absent until its list was read. */
    lineName?: string;
    /** What the account calls the messenger; absent until its list was read. */
    messengerName?: string;
    /** The name of the connection node. */
    connectionName?: string;
    /** `true` for a chat of several people. */
    isGroup?: boolean;
    /** `true` for a message that comes again because it was edited; absent for other events. */
    isEdited?: boolean;
    /** `in` for what the customer wrote, `out` for what went to the customer. */
    direction?: 'in' | 'out';
    /** When it happened, by ChatApp's clock, in ISO 8601. */
    time?: string;
    /** The file of a message. */
    file?: FileReference;
    /** When it reached Node-RED, in ms since 1970. */
    receivedAt: number;
    /** `true` for a message that was missed at first and fetched later, else `false`. */
    recovered: boolean;
    /** The number of this attempt to deliver it, from 1. */
    attempt: number;
    /** `true` for what was made up to try a flow; absent from all that ChatApp sent. */
    sample?: true;
    /** What ChatApp said about the whole delivery, untouched. */
    meta: Record<string, unknown>;
  }

  /** A person in a messenger, as far as ChatApp says who that is. */
  export interface Person {
    /** The name in the messenger. */
    name?: string;
    /** The phone in E.164, such as `+77000000001`. */
    phone?: string;
    /** The user name in the messenger. */
    username?: string;
    /** The name, else the phone, else the id. */
    title?: string;
  }

  /** The file of a message. */
  export interface FileReference {
    /** Where the file can be fetched. */
    url: string;
    /** The name of the file. */
    name?: string;
    /** The media type, such as `image/jpeg`. */
    mimeType?: string;
  }

  /**
   * The `msg` that a send node sends on once ChatApp has taken what was sent: the one that came in, with these in it. After
   * marking a chat as read, `payload` may be anything.
   */
  export interface SentMessage {
    payload: SentPayload;
    chatapp: SentOrigin;
  }

  /** What ChatApp answers. */
  export interface SentPayload {
    /** The id of the new message, as the events that follow have it. */
    id: Id;
    /** The chat as ChatApp knows it, also where a phone was given. */
    chatId: Id;
  }

  /** What `msg.chatapp` says after a send node: where it went; what a listener put there before is there still. */
  export interface SentOrigin extends Partial<Origin> {
    licenseId: string;
    messengerType: string;
    chatId: string;
    /** The new message; after marking a chat as read, what it was before. */
    messageId?: string;
  }

  /** The place of an item among those of its delivery. */
  export interface Parts {
    id: string;
    type: 'array';
    index: number;
    count: number;
  }

  /** Something about a chat changed. */
  export interface ChatChange {
    chat: ChatRef;
  }

  /** A change that tells who made it. */
  export interface SignedChatChange extends ChatChange {
    /** The app through which it was made. */
    fromApp?: FromApp | null;
    /** The ChatApp user who made it. */
    edited?: UserRef | null;
  }

  export interface ChatTagItem extends ChatChange {
    type: Open<'add' | 'destroy'>;
    tag: Tag;
  }

  export interface ChatStatusItem extends ChatChange {
    /** The new status. */
    type: Open<'open' | 'close'>;
  }

  export interface ChatLevelItem extends SignedChatChange {
    level: Level | null;
  }

  /** A 24-hour conversation window opened (WhatsApp only). */
  export interface ChatConversationItem extends ChatChange {
    conversation: Conversation;
  }

  export interface Conversation {
    id: Id;
    /** WhatsApp's word for who opened it: `BIC` = the business. */
    type: Open<'BIC'>;
    startTime: UnixSeconds;
    endTime: UnixSeconds;
  }

  export type ChatReadItem = ChatChange;

  export type ChatUnreadItem = ChatChange;

  export interface ChatProcessItem extends SignedChatChange {
    /** null = nobody works on the chat any more. */
    process: Open<'inWork'> | null;
  }

  export interface ChatCommentItem extends SignedChatChange {
    comment: string | null;
  }

  export interface ChatConsentSendMessageItem extends SignedChatChange {
    consentSendMessage: Open<'accepted'> | null;
  }

  export interface ChatArchiveItem extends ChatChange {
    /** true = it went into the archive, false = it came back. */
    archive: boolean;
  }

  export interface ChatCustomFieldItem extends ChatChange {
    /** The field with its new value. */
    field: CustomField;
  }

  export interface ChatRenameItem extends ChatChange {
    /** The new name. */
    name: string;
  }

  export interface ChatFunnelStageItem extends ChatChange {
    funnelStage: FunnelStage | null;
  }

  /**
   * The item of every event, by the event's name: `ItemOf['message']` is the type of `msg.payload` where `msg.topic` is
   * `message`. It tells what ChatApp documents and what has been seen; further fields may come at any time.
   */
  export interface ItemOf {
    message: MessageItem;
    messageSystem: MessageSystemItem;
    messageStatus: MessageStatusItem;
    messageDestroy: MessageDestroyItem;
    messageReaction: MessageReactionItem;
    chatTag: ChatTagItem;
    chatStatus: ChatStatusItem;
    chatResponsible: ChatResponsibleItem;
    chatResponsiblePin: ChatResponsiblePinItem;
    chatProducer: ChatProducerItem;
    chatAccomplice: ChatAccompliceItem;
    chatAuditor: ChatAuditorItem;
    chatLevel: ChatLevelItem;
    chatConversation: ChatConversationItem;
    chatRead: ChatReadItem;
    chatUnread: ChatUnreadItem;
    chatProcess: ChatProcessItem;
    chatParticipantAdd: ChatParticipantAddItem;
    chatParticipantDestroy: ChatParticipantDestroyItem;
    chatComment: ChatCommentItem;
    chatConsentSendMessage: ChatConsentSendMessageItem;
    chatArchive: ChatArchiveItem;
    chatCustomField: ChatCustomFieldItem;
    chatRename: ChatRenameItem;
    chatFunnelStage: ChatFunnelStageItem;
    employeeStatus: EmployeeStatusItem;
    employeeWorkday: EmployeeWorkdayItem;
    messageImport: MessageImportItem;
    quickResponseList: QuickResponseListItem;
    quickResponse: QuickResponseItem;
  }

  /** The item of any event. Does not compile where the catalogue and `ItemOf` differ by a single name. */
  export type AnyItem = ItemOf[Within<EventName, keyof ItemOf> & Within<keyof ItemOf, EventName>];

  type Within<Part extends Whole, Whole> = Part;

  /**
   * A message, incoming or outgoing. An edited one comes again, with the same `id` and `edited: true`. Live data leaves out or
   * gives as null what is optional here, more often than ChatApp's documentation shows.
   */
  export interface MessageItem {
    /** The messenger's id of the message. Some messengers count again in each chat. */
    id: Id;
    /** ChatApp's own id of the message. */
    internalId: Id;
    groupId?: Id | null;
    /** Whether it was sent through the API. */
    fromApi: boolean;
    /** Whether the line itself sent it. */
    fromMe: boolean;
    /** `in` from the customer, `out` to the customer. */
    side: Open<'in' | 'out'>;
    time: UnixSeconds;
    type: MessageType;
    subtype: string | null;
    message: MessageBody;
    /** The message to which this one answers. */
    quotedMessage?: QuotedMessage | null;
    /** Who wrote it, in a group chat. */
    fromUser?: FromUser | null;
    chat: Chat;
    fromApp?: FromApp | null;
    /** Its shape is not documented. */
    utm?: unknown;
    /** The ChatApp user who wrote it. */
    created?: UserRef | null;
    forwarded?: boolean | null;
    /** True if it was edited; mostly absent or false. */
    edited?: boolean | null;
    /** Truthy where the message was deleted. Only on messages fetched from history. */
    destroyed?: unknown;
  }

  /** A note that ChatApp wrote into a chat; `message.textLang` has it in several languages. */
  export type MessageSystemItem = MessageItem;

  /** How an outgoing message fares. Several may come at once, and not always in order. */
  export interface MessageStatusItem {
    /** The id of the message. */
    id: Id;
    type: Open<'sent' | 'delivered' | 'viewed' | 'failed'>;
    time: UnixSeconds;
    chat: ChatContact;
    fromApp?: FromApp | null;
    /** Why it failed. */
    error?: MessageStatusError | null;
  }

  export interface MessageStatusError {
    /** The messenger's own code. */
    code: Id;
    message: string;
    messageLang: Translations;
  }

  export interface MessageDestroyItem {
    /** The id of the deleted message. */
    id: Id;
    time: UnixSeconds;
    chat: ChatRef;
  }

  export interface MessageReactionItem {
    /** The id of the message to which the reaction belongs. */
    id: Id;
    /** The emoji. */
    reaction: string;
    time: UnixSeconds;
    chat: ChatRef;
    /** Who reacted, in a group chat. */
    fromUser?: FromUser | null;
    action: Open<'react' | 'unreact'>;
  }

  /** How a task fares that loads older messages of a chat from the messenger. */
  export interface MessageImportItem {
    /** The id of the task, not of a message. */
    id: Id;
    /** From when on messages are loaded. */
    timeFrom: UnixSeconds | null;
    /** Up to when; null = up to now. */
    timeTo: UnixSeconds | null;
    time: UnixSeconds;
    status: Open<'failed'>;
    error?: MessageImportError | null;
    /** The ChatApp user who started it. */
    created?: UserRef | null;
    licenseId: Id;
    messengerType: string;
    chat: ImportedChat;
    /** Where the next load goes on. */
    messagesNextPage: string | null;
  }

  export interface MessageImportError {
    /** A word such as `messagesNotFound`. */
    code: Id;
    messageLang: Translations;
  }

  export interface ImportedChat extends ChatRef {
    name: string | null;
  }

  export interface ChatResponsibleItem extends SignedChatChange {
    /** The new responsible employee; null = none. */
    responsible: UserRef | null;
  }

  export interface ChatResponsiblePinItem extends ChatChange {
    type: Open<'pin' | 'unpin'>;
  }

  export interface ChatProducerItem extends SignedChatChange {
    /** The new producer; null = none. */
    producer: UserRef | null;
  }

  export interface ChatAccompliceItem extends SignedChatChange {
    type: Open<'add' | 'destroy'>;
    accomplice: UserRef;
  }

  export interface ChatAuditorItem extends SignedChatChange {
    type: Open<'add' | 'destroy'>;
    auditor: UserRef;
  }

  export interface ChatParticipantAddItem extends ChatChange {
    /** Who joined. */
    participants: Participant[];
  }

  export interface ChatParticipantDestroyItem extends ChatChange {
    /** Who left. */
    participants: Participant[];
  }

  /** A member of a group chat. */
  export interface Participant {
    id: Id;
    username: string | null;
    name: string | null;
    phone: string | null;
  }

  /** A list was made or edited, or it is gone. */
  export type QuickResponseListItem = QuickResponseListSaved | QuickResponseListDestroyed;

  export interface QuickResponseListSaved {
    type: 'create' | 'edit';
    quickResponseList: QuickResponseList;
  }

  export interface QuickResponseListDestroyed {
    type: 'destroy';
    quickResponseList: QuickResponseListRef;
  }

  /** A quick response was made or edited, or it is gone. Several that are deleted together come together. */
  export type QuickResponseItem = QuickResponseSaved | QuickResponseDestroyed;

  export interface QuickResponseSaved {
    type: 'create' | 'edit';
    quickResponseList: QuickResponseListRef;
    quickResponse: QuickResponse;
  }

  export interface QuickResponseDestroyed {
    type: 'destroy';
    quickResponseList: QuickResponseListRef;
    quickResponse: QuickResponseRef;
  }

  /** A list, by id alone. */
  export interface QuickResponseListRef {
    id: Id;
  }

  export interface QuickResponseList extends QuickResponseListRef {
    name: string;
    /** The place in lists: lower comes first. */
    sort: number;
    access: QuickResponseAccess[];
  }

  /** What a user may do with a list. */
  export interface QuickResponseAccess {
    userId: Id;
    email: string;
    /** `r` = use it, `w` = change it too. */
    permission: Open<'r' | 'w'>;
  }

  /** A quick response, by id alone. */
  export interface QuickResponseRef {
    id: Id;
  }

  export interface QuickResponse extends QuickResponseRef {
    name: string;
    sort: number;
    /** The parent of the response; null = it is at the top of its list. Its shape is not documented. */
    parent: unknown;
    text: string;
    /** Words by which it is found, with spaces between. */
    keywords: string | null;
    enableAI: boolean;
  }

  /** A chat, by id alone. */
  export interface ChatRef {
    /** The messenger's id of the chat, such as `77000000001@c.us`. Groups of Telegram bots have negative numbers. */
    id: Id;
  }

  /** A chat with what the messenger tells about the other side. */
  export interface ChatContact extends ChatRef {
    hash?: string | null;
    type: Open<'private' | 'group'>;
    phone?: string | null;
    username: string | null;
    email: string | null;
  }

  /**
   * A chat with all that ChatApp knows about it. With a message that was fetched later it is the chat's entry in ChatApp's list
   * of chats.
   */
  export interface Chat extends ChatContact {
    /** ChatApp's own id of the chat. */
    internalId: Id;
    fullId?: string;
    name: string | null;
    /** The address of the chat's picture. */
    image: string | null;
    /** When the chat last changed. */
    lastTime: UnixSeconds | null;
    /** When the customer last wrote. */
    timeLastInMessage: UnixSeconds | null;
    lastRead: UnixSeconds | null;
    unreadMessages: number | null;
    lastMessage: LastMessage | null;
    link: string | null;
    secondLink: string | null;
    inviteLink: string | null;
    tags?: Tag[] | null;
    /** The employee who answers for the chat. */
    responsible?: UserRef | null;
    /** Whether the responsible employee is pinned to the chat. */
    responsiblePin: boolean;
    producer?: UserRef | null;
    accomplices: UserRef[] | null;
    auditors: UserRef[] | null;
    status: Open<'open' | 'close'> | null;
    level: Level | null;
    funnelStage?: FunnelStage | null;
    /** `inWork` while someone works on the chat. */
    process: Open<'inWork'> | null;
    /** The advertisement that brought the customer. Its shape is not documented. */
    advert: unknown;
    subtype: string | null;
    /** The employees' internal comment. */
    comment: string | null;
    consentSendMessage: Open<'accepted'> | null;
    /** Whether the chat is in the archive. */
    archive?: boolean | null;
    /** True where this message began the chat. */
    created?: boolean | null;
    customFields?: CustomField[] | null;
  }

  /** The newest message of a chat, as chat lists show it. */
  export interface LastMessage {
    type: Open<'text' | 'system'>;
    previewText: string | null;
    previewTextLang: Translations | null;
  }

  export interface Tag {
    id: Id;
    name: string;
    color: string;
    /** The place in lists: lower comes first. */
    sort: number;
    /** An empty list where the tag has no category. */
    category: TagCategory | [];
  }

  export interface TagCategory {
    id: Id;
    name: string;
    sort: number;
  }

  export interface Level {
    id: Id;
  }

  export interface FunnelStage {
    id: Id;
  }

  /** A field that the company added to its chats. */
  export interface CustomField {
    id: Id;
    name: string;
    type: Open<'string' | 'numeric' | 'select'>;
    sort: number;
    /** What can be chosen in a `select`; null for other types. */
    options: CustomFieldOption[] | null;
    /** The value; in a `select` the id of the chosen option. */
    value: string | number | null;
  }

  export interface CustomFieldOption {
    id: Id;
    value: string;
    sort: number;
  }

  /** The kinds of message seen so far. */
  export type MessageType = Open<
    | 'text'
    | 'system'
    | 'image'
    | 'video'
    | 'voice'
    | 'audio'
    | 'file'
    | 'files'
    | 'sticker'
    | 'location'
    | 'call_log'
    | 'template'
    | 'form'
    | 'order'
  >;

  /** What a message says. */
  export interface MessageBody {
    /** The text; that of a picture, video or file stands in `caption`. */
    text: string | null;
    /** The text in several languages, where ChatApp itself wrote it. */
    textLang?: Translations | null;
    caption: string | null;
    file: MessageFile | null;
    /** Its shape is not documented. */
    location?: unknown;
    /** Its shape is not documented. */
    template?: unknown;
    html?: string | null;
  }

  export interface MessageFile {
    /** Where the file can be fetched. */
    link: string;
    name: string;
    /** The media type, such as `image/jpeg`; in `contentType` or in `mimeType`. */
    contentType?: string | null;
    mimeType?: string | null;
  }

  /** The message to which another one answers. */
  export interface QuotedMessage {
    id: Id;
    internalId: Id;
    time: UnixSeconds;
    type: MessageType;
    subtype: string | null;
    message: MessageBody;
  }

  /** An id. ChatApp sends the same id as a number here and as a string there: compare with `String(id)`. */
  export type Id = number | string;

  /** A moment in unix seconds (not ms). At times it comes as a string of digits. */
  export type UnixSeconds = number | string;

  /** One of the known texts, offered by the editor, or any other: ChatApp may add values. */
  export type Open<Known extends string> = Known | (string & {});

  /** A text of ChatApp in several languages. */
  export interface Translations {
    en?: string;
    ru?: string;
    pt?: string;
  }

  /** A user of ChatApp, by id alone. */
  export interface UserRef {
    id: Id;
  }

  /** The app that sent a message or made a change. */
  export interface FromApp {
    /** `app_<user>_<n>`, or a name such as `bitrix`, `webchat` or `msbot`. */
    id: Id;
    /** What the sender gave as `tracking` when it asked ChatApp to send. */
    tracking?: string | null;
    /** On whose behalf the message was sent. */
    sender?: Open<'employee' | 'system'> | null;
  }

  /** A person in a messenger. */
  export interface FromUser {
    id: Id | null;
    name: string | null;
    username?: string | null;
    phone?: string | null;
    email?: string | null;
  }

  export interface EmployeeStatusItem {
    type: Open<'online' | 'offline'>;
    employee: UserRef;
  }

  export interface EmployeeWorkdayItem {
    type: Open<'start' | 'end'>;
    employee: UserRef;
  }
}

interface NodeMessage {
  /** Set by the ChatApp nodes. */
  chatapp?: ChatApp.Origin;
}
