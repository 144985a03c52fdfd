import type { Line } from './lines';
import type { Upload } from './multipart';
import type { TextSender } from './send-actions';

/** Where a message goes: a chat of a messenger in a line. */
export interface ChatAddress extends Line {
  /** As events name it; a phone, digits only, will do where the messenger has phones. */
  readonly chatId: string;
}

/** A file on the web; ChatApp fetches it. */
export interface FileLink {
  readonly url: string;
  readonly fileName: string;
}

/** What ChatApp is to do in a chat. `tracking` comes back with the events of the message. */
export type ChatOrder = { readonly chat: ChatAddress } & (
  | {
      readonly action: 'text';
      readonly text: string;
      readonly markdown: boolean;
      readonly tracking?: string;
      readonly sender?: TextSender;
    }
  | {
      readonly action: 'file';
      readonly file: FileLink | Upload;
      readonly caption?: string;
      readonly sender?: TextSender;
    }
  | {
      readonly action: 'template';
      readonly id: string;
      readonly params: readonly string[];
      readonly file?: FileLink;
      readonly tracking?: string;
      readonly sender?: TextSender;
      readonly companyId?: string;
    }
  | { readonly action: 'read' }
);

/** What ChatApp says once it has taken an order. */
export interface SendAnswer {
  /** The `data` of its answer, untouched. */
  readonly data: unknown;
  /** The id of the new message; absent where ChatApp names none, as for `read`. */
  readonly messageId?: string;
  /** The chat as ChatApp names it: for a phone, the chat that it belongs to. */
  readonly chatId?: string;
}
