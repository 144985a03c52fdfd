/** What a message is made from; all that is left out is made up. Further fields overwrite those of the item. */
export interface MessageToMake {
  readonly licenseId: number | string;
  readonly messengerType: string;
  /** A chat's id, or the chat with fields of its own. Default: the messenger's first chat. */
  readonly chat?: string | { readonly id: string | number; readonly [field: string]: unknown };
  readonly text?: string;
  /** Default `in`: written by the customer. */
  readonly side?: 'in' | 'out';
  /** Merged into the item's `message`, for what is more than text. */
  readonly message?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** A message as ChatApp announces it: an item of `message` or `messageSystem`. */
export interface MessageItem {
  readonly id: string;
  readonly internalId: number;
  /** In s since the epoch. */
  readonly time: number;
  readonly side: string;
  readonly type: string;
  readonly chat: { readonly id: string | number; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}
