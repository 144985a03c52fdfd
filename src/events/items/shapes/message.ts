import type { Id, Open, Translations, UnixSeconds } from './values';

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
