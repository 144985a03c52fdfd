import type { AccountFailure } from './account-answers';

/**
 * What the editor asks Node-RED about the callbacks (webhooks) of a connection, and what it gets: both sides read it
 * here.
 *
 * - `GET chatapp/callbacks/<connection node id>` for a connection as it is deployed: a `CallbackList`; permission
 *   `chatapp.read`. 404 where no such connection is deployed.
 * - `POST chatapp/callbacks/<connection node id>/replace` with a `CallbackLine`: the explicit yes to put our address in
 *   the place of another integration's; the same answer; permission `chatapp.write`.
 *
 * What cannot be answered is status 422 and an `AccountFailure`. No answer holds a secret or an address in full.
 */
export interface CallbackList {
  readonly callbacks: readonly CallbackEntry[];
}

/** One messenger of one line: ChatApp has one callback address for each. */
export interface CallbackLine {
  readonly licenseId: string;
  readonly messengerType: string;
}

/**
 * - `set`: ChatApp calls us
 * - `setting`: ChatApp is being asked
 * - `taken`: the address there is another integration's
 * - `failed`: ChatApp did not take ours; it is tried again
 */
export const CALLBACK_STATES = ['set', 'setting', 'taken', 'failed'] as const;

export type CallbackState = (typeof CALLBACK_STATES)[number];

export interface CallbackEntry extends CallbackLine {
  readonly state: CallbackState;
  /** Whose address it is, where it is not ours: its host, and nothing else of it (`taken`). */
  readonly host?: string;
  /** Why it failed, or what ChatApp does not send there (`set`). */
  readonly failure?: AccountFailure;
}
