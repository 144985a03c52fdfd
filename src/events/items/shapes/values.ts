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
