/**
 * What a connection reports to flows besides errors. The closed list.
 *
 * `connected`    the socket is open
 * `disconnected` the socket was lost, or cannot be opened
 * `gapOpened`    channels are not received, or were not before the start: messages may be missing
 * `gapClosed`    all that was missing in those channels was fetched, or reported as lost
 * `tokenRenewed` ChatApp has issued a new access token
 * `deadLetter`   an event was given up and is kept
 */
export const NOTICE_KINDS = [
  'connected',
  'disconnected',
  'gapOpened',
  'gapClosed',
  'tokenRenewed',
  'deadLetter',
] as const;

export type NoticeKind = (typeof NOTICE_KINDS)[number];

export interface Notice {
  readonly kind: NoticeKind;
  /** How many channels have the gap (`gapOpened`, `gapClosed`). */
  readonly channels?: number;
  /** How many messages were missing and were fetched (`gapClosed`). */
  readonly fetched?: number;
  /** The id of the listener node, and the name of the event (`deadLetter`). */
  readonly listener?: string;
  readonly eventName?: string;
}
